"""What Piccolo reads: the engine and the applications with tables."""

from piccolo.conf.apps import AppRegistry

from ground.engine import DB

APP_REGISTRY = AppRegistry(
    apps=[
        "ground.piccolo_app",
        "notifications.piccolo_app",
        "gamification.piccolo_app",
        "community.piccolo_app",
    ]
)

__all__ = ["APP_REGISTRY", "DB"]
