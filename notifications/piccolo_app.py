"""What Piccolo has to know of this package."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from notifications.announcements.tables import (
    Announcement,
    AnnouncementChannel,
    AnnouncementTold,
)
from notifications.attention.tables import (
    Attention,
    AttentionCeiling,
    AttentionRefusal,
    AttentionSpend,
)
from notifications.campaigns.tables import Campaign, CampaignMember
from notifications.devices.tables import Device
from notifications.digests.tables import Digest
from notifications.inbox.tables import Notification
from notifications.journeys.tables import (
    Journey,
    JourneyFact,
    JourneyPlan,
    JourneyRun,
    JourneyStep,
)
from notifications.mail.tables import MailAddress
from notifications.outbox.tables import DeliveryLine, Outbox
from notifications.preferences.tables import Preferences
from notifications.push.tables import PushDelivery, PushGate

APP_CONFIG = AppConfig(
    app_name="notifications",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=[
        Announcement,
        AnnouncementChannel,
        AnnouncementTold,
        Attention,
        AttentionCeiling,
        AttentionRefusal,
        AttentionSpend,
        Campaign,
        CampaignMember,
        DeliveryLine,
        Device,
        Digest,
        Journey,
        JourneyFact,
        JourneyPlan,
        JourneyRun,
        JourneyStep,
        MailAddress,
        Notification,
        Outbox,
        Preferences,
        PushDelivery,
        PushGate,
    ],
)
