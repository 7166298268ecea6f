"""One whole session in golden bytes: written by hand from the specification, not by a library."""

from __future__ import annotations

from tests.harness.amqp.bytes import Turn, golden

SESSION: list[Turn] = [
    (
        "client",
        golden("""
            "AMQP" 00 00 09 01                      # protocol header of 0-9-1
        """),
    ),
    (
        "broker",
        golden("""
            01 0000 00000044                        # method, channel 0, 68 bytes
            000a 000a                               # connection.start
            00 09                                   # version 0-9
            00000028                                # server properties, 40 bytes
              07 "product" 53 00000008 "RabbitMQ"   # S: long string
              07 "version" 53 00000006 "3.12.1"
            00000005 "PLAIN"                        # mechanisms
            00000005 "en_US"                        # locales
            ce
        """),
    ),
    (
        "client",
        golden("""
            01 0000 00000047
            000a 000b                               # connection.start-ok
            00000023                                # client properties, 35 bytes
              07 "product" 53 00000004 "pika"
              07 "version" 53 00000005 "1.3.2"
            05 "PLAIN"
            0000000c 00 "guest" 00 "guest"          # response
            05 "en_US"
            ce
        """),
    ),
    (
        "broker",
        golden("""
            01 0000 0000000c
            000a 001e                               # connection.tune
            07ff 00020000 003c                      # channels 2047, frame 128 KiB, heartbeat 60 s
            ce
        """),
    ),
    (
        "client",
        golden("""
            01 0000 0000000c
            000a 001f                               # connection.tune-ok
            07ff 00010000 001e                      # frame 64 KiB, heartbeat 30 s
            ce
            01 0000 00000008
            000a 0028                               # connection.open
            01 "/" 00 00                            # virtual host, two reserved
            ce
        """),
    ),
    (
        "broker",
        golden("""
            01 0000 00000005
            000a 0029                               # connection.open-ok
            00                                      # reserved
            ce
            08 0000 00000000 ce                     # heartbeat
            01 0000 00000012
            000a 003c                               # connection.blocked
            0d "low on memory"
            ce
            01 0000 00000004
            000a 003d                               # connection.unblocked
            ce
        """),
    ),
    (
        "client",
        golden("""
            01 0001 00000005
            0014 000a                               # channel.open
            00                                      # reserved
            ce
        """),
    ),
    (
        "broker",
        golden("""
            01 0001 00000008
            0014 000b                               # channel.open-ok
            00000000                                # reserved
            ce
        """),
    ),
    (
        "client",
        golden("""
            01 0001 00000029
            0032 000a                               # queue.declare
            0000                                    # reserved
            0b "work_queues"
            02                                      # durable
            00000012                                # arguments, 18 bytes
              0c "x-max-length" 49 0000000a         # I: signed 32 bits: 10
            ce
        """),
    ),
    (
        "broker",
        golden("""
            01 0001 00000018
            0032 000b                               # queue.declare-ok
            0b "work_queues"
            00000003 00000001                       # 3 ready, 1 consumer
            ce
        """),
    ),
    (
        "client",
        golden("""
            01 0001 0000001a
            0028 000a                               # exchange.declare
            0000 04 "logs" 05 "topic"
            06                                      # durable, auto-delete
            00000004 01 "a" 74 01                   # arguments: a true boolean
            ce
            01 0001 0000001c
            0028 001e                               # exchange.bind
            0000
            04 "logs" 09 "amq.topic"                # destination, source
            01 23 00 00000000                       # routing key #, wait, no arguments
            ce
            01 0001 00000017
            0032 0014                               # queue.bind
            0000
            00 04 "logs"                            # the queue declared last; exchange
            05 "a.*.b" 00 00000000
            ce
            01 0001 00000016
            0032 0032                               # queue.unbind
            0000 00 04 "logs" 05 "a.*.b" 00000000
            ce
            01 0001 0000001c
            0028 0028                               # exchange.unbind
            0000 04 "logs" 09 "amq.topic" 01 23 00 00000000
            ce
            01 0001 0000000c
            0028 0014                               # exchange.delete
            0000 04 "logs" 00
            ce
        """),
    ),
    (
        "broker",
        golden("""
            01 0001 00000004 0028 000b ce           # exchange.declare-ok
            01 0001 00000004 0028 001f ce           # exchange.bind-ok
            01 0001 00000004 0032 0015 ce           # queue.bind-ok
            01 0001 00000004 0032 0033 ce           # queue.unbind-ok
            01 0001 00000004 0028 0033 ce           # exchange.unbind-ok: 51, not 41
            01 0001 00000004 0028 0015 ce           # exchange.delete-ok
        """),
    ),
    (
        "client",
        golden("""
            01 0002 00000004 005a 000a ce           # tx.select, on channel 2
            01 0002 00000004 005a 0014 ce           # tx.commit
            01 0002 00000004 005a 001e ce           # tx.rollback
        """),
    ),
    (
        "broker",
        golden("""
            01 0002 00000004 005a 000b ce           # tx.select-ok
            01 0002 00000004 005a 0015 ce           # tx.commit-ok
            01 0002 00000004 005a 001f ce           # tx.rollback-ok
        """),
    ),
    (
        "client",
        golden("""
            01 0001 00000005
            0055 000a                               # confirm.select
            00                                      # wait for the answer
            ce
        """),
    ),
    (
        "broker",
        golden("""
            01 0001 00000004
            0055 000b                               # confirm.select-ok
            ce
        """),
    ),
    (
        "client",
        golden("""
            01 0001 00000014
            003c 0028                               # basic.publish
            0000                                    # reserved
            00                                      # the default exchange
            0b "work_queues"                        # routing key
            00                                      # neither mandatory nor immediate
            ce
            02 0001 00000012                        # content header, 18 bytes
            003c 0000                               # class basic, weight 0
            0000000000000006                        # a body of 6 bytes
            1080                                    # delivery mode (bit 12), message id (bit 7)
            02                                      # persistent
            02 "t7"
            ce
            03 0001 00000004 "task" ce              # body, in two frames
            03 0001 00000002 " 7" ce
            01 0001 00000010
            003c 0028                               # basic.publish
            0000 00 07 "nowhere"
            01                                      # mandatory
            ce
            02 0001 0000000e
            003c 0000 0000000000000004 0000         # a body of 4 bytes, no properties
            ce
            03 0001 00000004 "lost" ce
        """),
    ),
    (
        "broker",
        golden("""
            01 0001 00000018
            003c 0032                               # basic.return
            0138 08 "NO_ROUTE"                      # 312
            00                                      # exchange
            07 "nowhere"                            # routing key
            ce
            02 0001 0000000e
            003c 0000 0000000000000004 0000
            ce
            03 0001 00000004 "lost" ce
            01 0001 0000000d
            003c 0078                               # basic.nack
            0000000000000001 00                     # publish 1 alone
            ce
            01 0001 0000000d
            003c 0050                               # basic.ack
            0000000000000002 01                     # all up to publish 2
            ce
        """),
    ),
    (
        "client",
        golden("""
            01 0001 0000000b
            003c 000a                               # basic.qos
            00000000 0001 00                        # prefetch 1, for each consumer
            ce
            01 0001 0000001d
            003c 0014                               # basic.consume
            0000 0b "work_queues" 05 "ctag1"
            00                                      # acknowledges by hand
            00000000                                # no arguments
            ce
        """),
    ),
    (
        "broker",
        golden("""
            01 0001 00000004
            003c 000b                               # basic.qos-ok
            ce
            01 0001 0000000a
            003c 0015                               # basic.consume-ok
            05 "ctag1"
            ce
            01 0001 00000020
            003c 003c                               # basic.deliver
            05 "ctag1"
            0000000000000001                        # delivery tag
            01                                      # redelivered
            00                                      # exchange
            0b "work_queues"                        # routing key
            ce
            02 0001 0000002c
            003c 0000 0000000000000003
            2000                                    # headers (bit 13)
            0000001a                                # 26 bytes
              10 "x-delivery-count" 6c 0000000000000002
            ce
            03 0001 00000003 c3 b8 ff ce            # a letter in UTF-8 and an octet that is none
        """),
    ),
    (
        "client",
        golden("""
            01 0001 0000000d
            003c 0050                               # basic.ack
            0000000000000001 00                     # delivery 1 alone
            ce
            01 0001 0000000b
            003c 001e                               # basic.cancel
            05 "ctag1" 00
            ce
        """),
    ),
    (
        "broker",
        golden("""
            01 0001 0000000a
            003c 001f                               # basic.cancel-ok
            05 "ctag1"
            ce
        """),
    ),
    (
        "client",
        golden("""
            01 0001 00000013
            003c 0046                               # basic.get
            0000 0b "work_queues"
            00                                      # acknowledges by hand
            ce
            01 0001 00000013
            003c 0046 0000 0b "work_queues"
            01                                      # no-ack
            ce
            01 0001 00000013
            003c 0046 0000 0b "work_queues" 00
            ce
        """),
    ),
    (
        "broker",
        golden("""
            01 0001 0000001e
            003c 0047                               # basic.get-ok
            0000000000000002                        # delivery tag
            00                                      # not redelivered
            00 0b "work_queues"                     # exchange, routing key
            00000004                                # 4 more in the queue
            ce
            02 0001 0000000e
            003c 0000 0000000000000000 0000         # an empty body: no body frame
            ce
            01 0001 0000001e
            003c 0047 0000000000000003 01 00 0b "work_queues" 00000003
            ce
            02 0001 0000000e
            003c 0000 0000000000000001 0000
            ce
            03 0001 00000001 "x" ce
            01 0001 00000005
            003c 0048                               # basic.get-empty
            00                                      # reserved
            ce
        """),
    ),
    (
        "client",
        golden("""
            01 0001 0000000d
            003c 005a                               # basic.reject
            0000000000000002 01                     # requeue
            ce
            01 0001 0000000d
            003c 0078                               # basic.nack
            0000000000000000 03                     # all (multiple), requeue: nothing is left
            ce
            01 0001 00000013
            0032 001e                               # queue.purge
            0000 0b "work_queues" 00
            ce
            01 0001 00000013
            0032 0028                               # queue.delete
            0000 0b "work_queues" 00
            ce
        """),
    ),
    (
        "broker",
        golden("""
            01 0001 00000008
            0032 001f 00000002                      # queue.purge-ok: 2 messages
            ce
            01 0001 00000008
            0032 0029 00000005                      # queue.delete-ok: 5 messages
            ce
            01 0001 00000017
            0014 0028                               # channel.close
            0196 0c "PRECONDITION"                  # 406
            003c 0050                               # because of a basic.ack
            ce
        """),
    ),
    (
        "client",
        golden("""
            01 0001 00000004
            0014 0029                               # channel.close-ok
            ce
            01 0000 0000001a
            000a 0032                               # connection.close
            00c8 0f "Normal shutdown"               # 200
            0000 0000
            ce
        """),
    ),
    (
        "broker",
        golden("""
            01 0000 00000004
            000a 0033                               # connection.close-ok
            ce
        """),
    ),
]
