"""What can be in the way of mail."""

from ground.errors import Conflict


class AddressNotProved(Conflict):
    """You are only written to at an address that your sign-in proved to be yours."""

    code = "address_not_proved"
    title = "Your sign-in proves no e-mail address"


class MailNotSetUp(Conflict):
    """This installation sends no mail: `SMTP_URL` is not set."""

    code = "mail_not_set_up"
    title = "No mail is sent here"
