"""The client library through ctypes: what tests need of it to feed topics and to look into them."""
import ctypes
import json
import time

_lib = ctypes.CDLL("librdkafka.so.1")
_p, _s, _i, _l, _z = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_int64, ctypes.c_size_t


def _f(name, result, *args):
    function = getattr(_lib, name)
    function.restype, function.argtypes = result, args
    return function


conf_new = _f("rd_kafka_conf_new", _p)
conf_set = _f("rd_kafka_conf_set", _i, _p, _s, _s, _s, _z)
new = _f("rd_kafka_new", _p, _i, _p, _s, _z)
destroy = _f("rd_kafka_destroy", None, _p)
poll = _f("rd_kafka_poll", _i, _p, _i)
flush = _f("rd_kafka_flush", _i, _p, _i)
err2str = _f("rd_kafka_err2str", _s, _i)
topic_new = _f("rd_kafka_topic_new", _p, _p, _s, _p)
consume_start = _f("rd_kafka_consume_start", _i, _p, ctypes.c_int32, _l)
consume_stop = _f("rd_kafka_consume_stop", _i, _p, ctypes.c_int32)
message_destroy = _f("rd_kafka_message_destroy", None, _p)
headers_new = _f("rd_kafka_headers_new", _p, _z)
header_add = _f("rd_kafka_header_add", _i, _p, _s, ctypes.c_ssize_t, _s, ctypes.c_ssize_t)
header_get_all = _f("rd_kafka_header_get_all", _i, _p, _z, ctypes.POINTER(_s), ctypes.POINTER(_p), ctypes.POINTER(_z))
message_headers = _f("rd_kafka_message_headers", _i, _p, ctypes.POINTER(_p))
message_timestamp = _f("rd_kafka_message_timestamp", _l, _p, _p)
queue_new = _f("rd_kafka_queue_new", _p, _p)
queue_destroy = _f("rd_kafka_queue_destroy", None, _p)
queue_poll = _f("rd_kafka_queue_poll", _p, _p, _i)
event_destroy = _f("rd_kafka_event_destroy", None, _p)
event_error = _f("rd_kafka_event_error", _i, _p)
event_error_string = _f("rd_kafka_event_error_string", _s, _p)
new_topic = _f("rd_kafka_NewTopic_new", _p, _s, _i, _i, _s, _z)
new_topic_config = _f("rd_kafka_NewTopic_set_config", _i, _p, _s, _s)
new_topic_destroy = _f("rd_kafka_NewTopic_destroy", None, _p)
create_topics = _f("rd_kafka_CreateTopics", None, _p, ctypes.POINTER(_p), _z, _p, _p)
new_partitions = _f("rd_kafka_NewPartitions_new", _p, _s, _z, _s, _z)
new_partitions_destroy = _f("rd_kafka_NewPartitions_destroy", None, _p)
create_partitions = _f("rd_kafka_CreatePartitions", None, _p, ctypes.POINTER(_p), _z, _p, _p)
delete_group = _f("rd_kafka_DeleteGroup_new", _p, _s)
delete_group_destroy = _f("rd_kafka_DeleteGroup_destroy", None, _p)
delete_groups = _f("rd_kafka_DeleteGroups", None, _p, ctypes.POINTER(_p), _z, _p, _p)
list_new = _f("rd_kafka_topic_partition_list_new", _p, _i)
list_add = _f("rd_kafka_topic_partition_list_add", _p, _p, _s, ctypes.c_int32)
list_destroy = _f("rd_kafka_topic_partition_list_destroy", None, _p)
commit = _f("rd_kafka_commit", _i, _p, _p, _i)
committed = _f("rd_kafka_committed", _i, _p, _p, _i)
init_transactions = _f("rd_kafka_init_transactions", _p, _p, _i)
begin_transaction = _f("rd_kafka_begin_transaction", _p, _p)
commit_transaction = _f("rd_kafka_commit_transaction", _p, _p, _i)
abort_transaction = _f("rd_kafka_abort_transaction", _p, _p, _i)
watermarks = _f("rd_kafka_query_watermark_offsets", _i, _p, _s, ctypes.c_int32, ctypes.POINTER(_l), ctypes.POINTER(_l), _i)


class _Message(ctypes.Structure):
    _fields_ = [("err", _i), ("rkt", _p), ("partition", ctypes.c_int32), ("payload", _p), ("len", _z), ("key", _p),
                ("key_len", _z), ("offset", _l), ("private", _p)]


class _Partition(ctypes.Structure):
    _fields_ = [("topic", _s), ("partition", ctypes.c_int32), ("offset", _l), ("metadata", _p), ("metadata_size", _z),
                ("opaque", _p), ("err", _i), ("private", _p)]


class _Vu(ctypes.Structure):
    class _U(ctypes.Union):
        class _Mem(ctypes.Structure):
            _fields_ = [("ptr", _p), ("size", _z)]

        class _Header(ctypes.Structure):
            _fields_ = [("name", _s), ("val", _p), ("size", ctypes.c_ssize_t)]
        _fields_ = [("cstr", _s), ("rkt", _p), ("i", _i), ("i32", ctypes.c_int32), ("i64", _l), ("mem", _Mem), ("header", _Header),
                    ("headers", _p), ("pad", ctypes.c_char * 64)]
    _fields_ = [("vtype", _i), ("u", _U)]


produceva = _f("rd_kafka_produceva", _p, _p, ctypes.POINTER(_Vu), _z)
error_string = _f("rd_kafka_error_string", _s, _p)
consume_batch = _f("rd_kafka_consume_batch", ctypes.c_ssize_t, _p, ctypes.c_int32, _i, ctypes.POINTER(ctypes.POINTER(_Message)), _z)
_RKT, _PARTITION, _VALUE, _KEY, _FLAGS, _TIMESTAMP, _HEADER = 2, 3, 4, 5, 7, 8, 9


def _handle(kind, **settings):
    conf, why = conf_new(), ctypes.create_string_buffer(512)
    conf_set(conf, b"log_level", b"0", why, 512)  # brokers that are gone on purpose are no news
    for name, value in settings.items():
        if conf_set(conf, name.replace("_", ".").encode(), str(value).encode(), why, 512) != 0:
            raise RuntimeError(why.value.decode())
    handle = new(kind, conf, why, 512)
    if not handle:
        raise RuntimeError(why.value.decode())
    return handle


class Client:
    """Produces, administers, reads whole topics."""

    def __init__(self, brokers, **settings):
        self.brokers = brokers
        # Idempotent: a message that is sent again keeps its place among the others of its partition.
        self.producer = _handle(0, bootstrap_servers=brokers, linger_ms=1, enable_idempotence="true",
                                topic_metadata_refresh_interval_ms=1000, **settings)
        self.topics = {}

    def transaction(self, what):
        """`init`, `begin`, `commit` or `abort`, of a client with a transactional_id."""
        call = {"init": init_transactions, "begin": begin_transaction, "commit": commit_transaction, "abort": abort_transaction}[what]
        error = call(self.producer) if what == "begin" else call(self.producer, 30000)
        if error:
            raise RuntimeError(error_string(error).decode())

    def _admin(self, call, made):
        queue = queue_new(self.producer)
        call(self.producer, ctypes.byref(_p(made)), 1, None, queue)
        event = queue_poll(queue, 10000)
        if not event or event_error(event) != 0:
            raise RuntimeError("no answer" if not event else event_error_string(event).decode())
        event_destroy(event)
        queue_destroy(queue)

    def create(self, topic, partitions=1, **config):
        made = new_topic(topic.encode(), partitions, 1, None, 0)
        for name, value in config.items():
            new_topic_config(made, name.replace("_", ".").encode(), str(value).encode())
        self._admin(create_topics, made)
        new_topic_destroy(made)

    def grow(self, topic, partitions):
        made = new_partitions(topic.encode(), partitions, None, 0)
        self._admin(create_partitions, made)
        new_partitions_destroy(made)

    def forget(self, group):
        """With all its offsets, as brokers do with one that nobody has used for long."""
        made = delete_group(group.encode())
        self._admin(delete_groups, made)
        delete_group_destroy(made)

    def send(self, topic, value, key=None, partition=-1, timestamp=None, headers=()):
        """One message; value and key text, bytes or None."""
        if topic not in self.topics:
            self.topics[topic] = topic_new(self.producer, topic.encode(), None)
        value, key = (x.encode() if isinstance(x, str) else x for x in (value, key))
        parts = [_Vu(_RKT), _Vu(_PARTITION), _Vu(_FLAGS), _Vu(_VALUE)]
        parts[0].u.rkt, parts[1].u.i32, parts[2].u.i = self.topics[topic], partition, 2
        kept = [ctypes.create_string_buffer(x, max(len(x), 1)) if x is not None else None for x in (value, key)]
        parts[3].u.mem.ptr, parts[3].u.mem.size = (ctypes.addressof(kept[0]), len(value)) if value is not None else (None, 0)
        if key is not None:
            parts.append(_Vu(_KEY))
            parts[-1].u.mem.ptr, parts[-1].u.mem.size = ctypes.addressof(kept[1]), len(key)
        if timestamp is not None:
            parts.append(_Vu(_TIMESTAMP))
            parts[-1].u.i64 = timestamp
        for name, text in headers:
            data = ctypes.create_string_buffer(text if isinstance(text, bytes) else text.encode())
            kept.append(data)
            parts.append(_Vu(_HEADER))
            parts[-1].u.header.name, parts[-1].u.header.val, parts[-1].u.header.size = name.encode(), ctypes.addressof(data), len(data) - 1
        end = time.monotonic() + 30
        while True:
            error = produceva(self.producer, (_Vu * len(parts))(*parts), len(parts))
            if not error:
                return
            why = error_string(error).decode()
            # What is full empties, and a partition that is new is heard of.
            if time.monotonic() > end or not any(word in why for word in ("full", "Unknown partition")):
                raise RuntimeError(why)
            poll(self.producer, 50)

    def send_all(self, topic, rows, **more):
        for row in rows:
            self.send(topic, json.dumps(row), **more)
        self.flush()

    def flush(self):
        if flush(self.producer, 30000) != 0:
            raise RuntimeError("messages are not delivered")

    def end(self, topic, partition=0):
        low, high, end = _l(), _l(), time.monotonic() + 10
        while (error := watermarks(self.producer, topic.encode(), partition, low, high, 10000)) == 6 and time.monotonic() < end:
            time.sleep(0.1)  # a broker that has just started leads no partition yet
        if error != 0:
            raise RuntimeError(err2str(error).decode())
        return high.value

    def read(self, topic, partitions=1, isolation="read_committed"):
        """All messages there are: (partition, offset, key, value, headers, timestamp), each partition in its order. A commit
        is answered before its marker stands in each partition: what is open is waited for a little."""
        consumer = _handle(1, bootstrap_servers=self.brokers, enable_partition_eof="true", isolation_level=isolation,
                           group_id="look", fetch_wait_max_ms=10)
        rkt = topic_new(consumer, topic.encode(), None)
        out, batch = [], (ctypes.POINTER(_Message) * 1000)()
        all_of = _handle(1, bootstrap_servers=self.brokers, isolation_level="read_uncommitted", group_id="look")
        low, stable, high = _l(), _l(), _l()
        patience = time.monotonic() + 3
        for partition in range(partitions):
            while time.monotonic() < patience:
                if any(watermarks(c, topic.encode(), partition, low, h, 10000) for c, h in ((consumer, stable), (all_of, high))):
                    break
                if stable.value == high.value:
                    break
                time.sleep(0.02)
            consume_start(rkt, partition, -2)
            ended = False
            while not ended:
                for m in batch[:max(consume_batch(rkt, partition, 1000, batch, 1000), 0)]:
                    if m.contents.err == -191:
                        ended = True
                    elif m.contents.err == 0:
                        out.append(self._message(m))
                    else:
                        raise RuntimeError(err2str(m.contents.err).decode())
                    message_destroy(m)
            consume_stop(rkt, partition)
        return out

    @staticmethod
    def _message(m):
        text = lambda at, size: ctypes.string_at(at, size).decode(errors="surrogateescape") if at else None
        headers, found = [], _p()
        if message_headers(m, found) == 0:
            name, value, size = _s(), _p(), _z()
            while header_get_all(found, len(headers), name, value, size) == 0:
                headers.append((name.value.decode(), text(value.value, size.value)))
        return (m.contents.partition, m.contents.offset, text(m.contents.key, m.contents.key_len),
                text(m.contents.payload, m.contents.len), headers, message_timestamp(m, None))

    def committed(self, group, topic, partition=0):
        consumer = _handle(1, bootstrap_servers=self.brokers, group_id=group)
        asked = list_new(1)
        one = ctypes.cast(list_add(asked, topic.encode(), partition), ctypes.POINTER(_Partition))
        error = committed(consumer, asked, 10000)
        if error != 0:
            raise RuntimeError(err2str(error).decode())
        offset = one.contents.offset
        list_destroy(asked)
        destroy(consumer)
        return offset

    def commit(self, group, topic, offset, partition=0):
        consumer = _handle(1, bootstrap_servers=self.brokers, group_id=group)
        given = list_new(1)
        ctypes.cast(list_add(given, topic.encode(), partition), ctypes.POINTER(_Partition)).contents.offset = offset
        error = commit(consumer, given, 0)
        if error != 0:
            raise RuntimeError(err2str(error).decode())
        list_destroy(given)
        destroy(consumer)
