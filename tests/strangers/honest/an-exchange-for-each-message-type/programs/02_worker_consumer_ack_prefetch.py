from bus import DoWorkConsumer, Endpoint

if __name__ == "__main__":
    Endpoint(DoWorkConsumer(), prefetch=1).run()
