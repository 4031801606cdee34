"""Says how mail leaves, as the settings have it."""

from notifications.mail import door
from notifications.mail.door import Mailing
from notifications.mail.transport import transport_in
from server.config import Settings


def apply_mail(settings: Settings) -> None:
    """Do it once, when a process starts."""
    door.use(mailing_of(settings))


def mailing_of(settings: Settings) -> Mailing | None:
    """Where mail goes, if it goes anywhere."""
    if not settings.smtp_url:
        return None
    return Mailing(
        transport=transport_in(settings.smtp_url),
        sender=settings.mail_from,
        programme=settings.programme_name,
        public_url=settings.public_url,
    )
