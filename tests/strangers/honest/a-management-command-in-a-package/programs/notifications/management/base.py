import sys


class OutputWrapper:
    def __init__(self, out):
        self._out = out

    def write(self, message):
        self._out.write(message if message.endswith("\n") else message + "\n")
        self._out.flush()


class Style:
    def SUCCESS(self, text):
        return f"\x1b[32;1m{text}\x1b[0m"

    def WARNING(self, text):
        return f"\x1b[33;1m{text}\x1b[0m"


class BaseCommand:
    help = ""

    def __init__(self):
        self.stdout = OutputWrapper(sys.stdout)
        self.style = Style()

    def execute(self, *args, **options):
        return self.handle(*args, **options)

    def handle(self, *args, **options):
        raise NotImplementedError
