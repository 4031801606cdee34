"""What the live process counts, beside what every process does."""

from prometheus_client import Counter, Gauge

from server.metrics import REGISTRY

SOCKETS = Gauge("ambassade_live_sockets", "Open sockets", registry=REGISTRY)
SENT = Counter("ambassade_live_messages", "Messages written to sockets", registry=REGISTRY)
CLOSED = Counter(
    "ambassade_live_closed", "Sockets closed by us, by their code", ["code"], registry=REGISTRY
)
REFUSED = Counter(
    "ambassade_live_refused_handshakes", "Handshakes refused", ["status"], registry=REGISTRY
)
MENDED = Counter(
    "ambassade_live_mended",
    "Times that a channel was read again from PostgreSQL",
    registry=REGISTRY,
)
