from notifications.consumers import start_consuming
from notifications.management.base import BaseCommand


class Command(BaseCommand):
    help = "Starts the RabbitMQ consumer to listen"

    def handle(self, *args, **options):
        self.stdout.write(self.style.SUCCESS("Starting RabbitMQ consumer notifications..."))
        try:
            start_consuming(self.stdout, self.style)
        except KeyboardInterrupt:
            self.stdout.write(self.style.WARNING("Interrupted. Shutting down."))
