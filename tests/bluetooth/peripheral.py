"""A pump, or a device for vital signs, on a Bluetooth host stack that is not ours (bumble).

    peripheral.py KIND HCI_PORT KEY_FILE

KIND is pump, thermometer, cuff, oximeter or scale. It speaks HCI (H4) over TCP with a controller on this machine and keeps
its bonds in KEY_FILE, so that it can be killed and started again. Commands come as lines of JSON on standard input, e.g.
{"do": "start"}; each is answered with a line of JSON when it is done. The bytes are laid out here from the tables of the
Bluetooth specifications and of docs/pump-profile.md, and from no code of the decoder that reads them.
"""

import asyncio
import json
import os
import struct
import sys
import time

from bumble.att import ATT_Error, Attribute
from bumble.core import UUID, AdvertisingData
from bumble.device import Device, DeviceConfiguration
from bumble.gatt import Characteristic, CharacteristicValue, Service
from bumble.hci import Address, HCI_Error
from bumble.keys import JsonKeyStore
from bumble.pairing import PairingConfig, PairingDelegate
from bumble.transport import open_transport

PASSKEY = 123456
READ = Characteristic.Properties.READ
WRITE = Characteristic.Properties.WRITE
NOTIFY = Characteristic.Properties.NOTIFY
INDICATE = Characteristic.Properties.INDICATE
READABLE = Attribute.Permissions.READABLE | Attribute.Permissions.READ_REQUIRES_ENCRYPTION
WRITEABLE = Attribute.Permissions.WRITEABLE | Attribute.Permissions.WRITE_REQUIRES_ENCRYPTION

EPOCH = 946684800  # 2000-01-01 in Unix time
ML, ML_H, SECONDS = 0x0652, 0x0C32, 0x0880
RATE, VOLUME, REMAINING, PROGRAMMED, TIME_LEFT = 158014, 157993, 157872, 157884, 157916
DELIVERY_STATUS, EVENT, ALARM = 158005, 68487, 196616
STARTED, STOPPED, COMPLETED, OCCLUSION = 197288, 197290, 197292, 196940


def medfloat(value, places):
    """IEEE 11073 FLOAT: exponent in the high byte, mantissa in the low three."""
    mantissa = int(round(value * 10**places))
    return (mantissa & 0xFFFFFF).to_bytes(3, "little") + struct.pack("b", -places)


def sfloat(value):
    """IEEE 11073 SFLOAT with exponent 0."""
    return struct.pack("<H", value & 0x0FFF)


def text(words):
    encoded = words.encode()
    return struct.pack("<H", len(encoded)) + encoded


def observation(kind, code, value, stamp):
    """Class, length of the whole, flags (type and time), type, time, value."""
    rest = struct.pack("<HI", 0b11, code) + stamp + value
    return struct.pack("<BH", kind, len(rest) + 3) + rest


def numeric(code, unit, value, places, stamp):
    return observation(1, code, struct.pack("<H", unit) + medfloat(value, places), stamp)


def compound(code, parts, stamp):
    value = bytes([len(parts)]) + b"".join(struct.pack("<IB", part, kind) + raw for part, kind, raw in parts)
    return observation(7, code, value, stamp)


class Peripheral:
    """What all of them share: the link, pairing, commands."""

    service = 0
    address = ""

    def __init__(self, device, keys):
        self.device = device
        self.keys = keys
        self.connection = None

    async def serve(self):
        device = self.device
        device.keystore = JsonKeyStore(self.address, self.keys)
        device.pairing_config_factory = lambda _: PairingConfig(sc=True, mitm=True, bonding=True, delegate=Screen())
        device.add_services(self.services())
        device.on("connection", self.on_connection)
        await device.power_on()
        # power_on makes the key store that the configuration names; ours is a file.
        device.keystore = JsonKeyStore(self.address, self.keys)
        await self.advertise()

    async def advertise(self):
        data = bytes(
            AdvertisingData(
                [
                    (AdvertisingData.FLAGS, bytes([0x06])),
                    (AdvertisingData.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS, struct.pack("<H", self.service)),
                ]
            )
        )
        await self.device.start_advertising(
            auto_restart=True, advertising_data=data, advertising_interval_min=60, advertising_interval_max=60
        )

    def on_connection(self, connection):
        self.connection = connection
        connection.on("disconnection", self.on_disconnection)

    def on_disconnection(self, _reason):
        self.connection = None

    async def do_disconnect(self, _command):
        if self.connection:
            try:
                await self.connection.disconnect()
            except HCI_Error:
                # The other side was quicker.
                pass

    async def do_forget(self, _command):
        """The pairing is deleted on the device, and the link ends."""
        await self.device.keystore.delete_all()
        await self.do_disconnect({})

    async def do(self, command):
        answer = await getattr(self, "do_" + command["do"])(command)
        return answer or {}


class Screen(PairingDelegate):
    """A device with a screen that shows the passkey."""

    def __init__(self):
        super().__init__(io_capability=PairingDelegate.DISPLAY_OUTPUT_ONLY)

    async def generate_passkey(self):
        return PASSKEY


class Pump(Peripheral):
    service = 0x1840
    address = "F0:F1:F2:F3:F4:01"
    # Shorter than the link would carry, so that every observation comes in several segments.
    segment = 24

    def __init__(self, device, keys, serial):
        super().__init__(device, keys)
        self.serial = serial
        self.ahead = 0
        self.timeline = 0
        self.records = []
        self.counter_ml = 0.0
        self.rate = 0.0
        self.volume_ml = 100.0
        self.delivering = False
        self.occluded = False
        self.live = False
        self.cut_after = None
        self.cut_before_answer = False
        self.counters = {}
        self.sending = asyncio.Lock()
        self.memory = keys + ".pump"
        if os.path.exists(self.memory):
            with open(self.memory, encoding="utf-8") as memory:
                self.__dict__.update(json.load(memory))

    def on_connection(self, connection):
        super().on_connection(connection)
        self.live = False
        self.counters = {}

    def services(self):
        def fixed(value):
            return CharacteristicValue(read=lambda _connection: value)

        # Notifications: a long record would take minutes with a confirmation for every packet.
        self.stored = Characteristic(UUID.from_16_bits(0x2BDD), NOTIFY, READABLE, b"")
        self.live_values = Characteristic(UUID.from_16_bits(0x2B8B), INDICATE, READABLE, b"")
        self.record_access = Characteristic(
            UUID.from_16_bits(0x2A52), WRITE | INDICATE, WRITEABLE, CharacteristicValue(write=self.on_record_access)
        )
        self.control = Characteristic(
            UUID.from_16_bits(0x2BF4), WRITE | INDICATE, WRITEABLE, CharacteristicValue(write=self.on_control)
        )
        self.clock = Characteristic(
            UUID.from_16_bits(0x2BF2),
            READ | WRITE | INDICATE,
            READABLE | WRITEABLE,
            CharacteristicValue(read=lambda _connection: self.elapsed_time() + bytes([0, 0]), write=self.on_clock),
        )
        types = [RATE, VOLUME, REMAINING, PROGRAMMED, TIME_LEFT, DELIVERY_STATUS, EVENT, ALARM]
        features = bytes([1, len(types)]) + struct.pack(f"<{len(types)}I", *types) + bytes([1, 0x01, 0x10, 1])
        self.battery = Characteristic(UUID.from_16_bits(0x2A19), READ | NOTIFY, READABLE, bytes([87]))
        return [
            Service(
                UUID.from_16_bits(0x1840),
                [
                    Characteristic(UUID.from_16_bits(0x2BF3), READ, READABLE, fixed(features)),
                    self.live_values,
                    self.stored,
                    self.record_access,
                    self.control,
                ],
            ),
            Service(UUID.from_16_bits(0x183F), [self.clock]),
            Service(UUID.from_16_bits(0x180F), [self.battery]),
            Service(
                UUID.from_16_bits(0x180A),
                [
                    Characteristic(UUID.from_16_bits(0x2A25), READ, READABLE, fixed(self.serial.encode())),
                    Characteristic(UUID.from_16_bits(0x2A24), READ, READABLE, fixed(b"Bench pump")),
                    Characteristic(UUID.from_16_bits(0x2A26), READ, READABLE, fixed(b"2.1")),
                ],
            ),
        ]

    # Its clock and its record.

    def elapsed_time(self, reading=None, timeline=None):
        reading = time.time() + self.ahead if reading is None else reading
        current = 0b100000 if timeline in (None, self.timeline) else 0
        stamp = (int(reading) - EPOCH).to_bytes(6, "little")
        return bytes([0b10 | current]) + stamp + bytes([4, 0])

    def remember(self, what, *about, ago=0):
        """Stores what happened under the next number, and gives the observation of it as it is now."""
        reading = time.time() + self.ahead - ago
        record = [len(self.records) + 1, reading, self.timeline, self.counter_ml, self.rate, what, *about]
        self.records.append(record)
        return self.observed(record)

    def save(self):
        """A pump's record outlives its power."""
        kept = ("ahead", "timeline", "records", "counter_ml", "rate", "volume_ml", "delivering", "occluded")
        with open(self.memory + ".new", "w", encoding="utf-8") as memory:
            json.dump({name: getattr(self, name) for name in kept}, memory)
        os.replace(self.memory + ".new", self.memory)

    def encoded(self, record):
        return struct.pack("<I", record[0]) + self.observed(record)

    def observed(self, record):
        _number, reading, timeline, counter_ml, rate, what, *about = record
        stamp = self.elapsed_time(reading, timeline)
        if what == "progress":
            return numeric(VOLUME, ML, counter_ml, 2, stamp)
        if what == "alarm":
            return self.alarm(*about, stamp, counter_ml)
        parts = [
            (EVENT, 2, struct.pack("<I", *about)),
            (VOLUME, 1, struct.pack("<H", ML) + medfloat(counter_ml, 2)),
            (RATE, 1, struct.pack("<H", ML_H) + medfloat(rate, 1)),
        ]
        return compound(EVENT, parts, stamp)

    def alarm(self, phase, state, stamp, counter_ml):
        parts = [
            (EVENT, 2, struct.pack("<I", OCCLUSION)),
            (68481, 3, text(phase)),
            (68482, 3, text(state)),
            (68484, 3, text("PH")),
            (68546, 3, text("Downstream occlusion: check that clamps are open and the line is not kinked")),
            (VOLUME, 1, struct.pack("<H", ML) + medfloat(counter_ml, 2)),
        ]
        return compound(ALARM, parts, stamp)

    # The link.

    async def send(self, characteristic, body):
        # One observation after the other: their segments never mix.
        async with self.sending:
            await self.send_segments(characteristic, body)

    async def send_segments(self, characteristic, body):
        counter = self.counters.get(characteristic.uuid, 0)
        pieces = [body[at : at + self.segment] for at in range(0, len(body), self.segment)]
        for place, piece in enumerate(pieces):
            if characteristic is self.stored and self.cut_after is not None:
                self.cut_after -= 1
                if self.cut_after < 0:
                    self.cut_after = None
                    await self.do_disconnect({})
                    raise ConnectionError("cut")
            header = (place == 0) | (place == len(pieces) - 1) << 1 | counter << 2
            counter = (counter + 1) % 64
            self.counters[characteristic.uuid] = counter
            if not self.connection:
                raise ConnectionError("gone")
            packet = bytes([header]) + piece
            if characteristic is self.stored:
                await self.device.notify_subscriber(self.connection, characteristic, packet)
            else:
                await self.device.indicate_subscriber(self.connection, characteristic, packet)

    def on_record_access(self, _connection, value):
        asyncio.create_task(self.quietly(self.answer_record_access(bytes(value))))

    def on_control(self, _connection, value):
        asyncio.create_task(self.quietly(self.answer_control(bytes(value))))

    def on_clock(self, _connection, _value):
        raise ATT_Error(error_code=0x03)

    async def quietly(self, work):
        try:
            await work
        except (ConnectionError, asyncio.TimeoutError, asyncio.CancelledError):
            pass

    async def answer(self, characteristic, value):
        if self.connection:
            await self.device.indicate_subscriber(self.connection, characteristic, value)

    async def answer_record_access(self, request):
        if request == b"\x03\x00":
            return await self.answer(self.record_access, bytes([6, 0, 3, 1]))
        opcode, operator, kind, first = struct.unpack("<BBBI", request)
        if (operator, kind) != (3, 1) or opcode not in (4, 7):
            return await self.answer(self.record_access, bytes([6, 0, opcode, 2]))
        records = [record for record in self.records if record[0] >= first]
        if not records:
            return await self.answer(self.record_access, bytes([6, 0, opcode, 6]))
        if opcode == 7:
            for record in records:
                await self.send(self.stored, self.encoded(record))
            if self.cut_before_answer:
                self.cut_before_answer = False
                return await self.do_disconnect({})
        await self.answer(self.record_access, bytes([5 if opcode == 4 else 8, 0]) + struct.pack("<I", len(records)))

    async def answer_control(self, request):
        self.live = request == b"\x01"
        await self.answer(self.control, bytes([0x80]))
        if self.live:
            if self.occluded:
                await self.send(self.live_values, self.alarm("continue", "active", self.elapsed_time(), self.counter_ml))
            await self.send_values()

    async def send_values(self):
        stamp = self.elapsed_time()
        left = self.volume_ml - self.counter_ml
        status = "pump-delivery-status-" + ("delivering" if self.delivering else "not-delivering")
        for body in (
            numeric(RATE, ML_H, self.rate, 1, stamp),
            numeric(VOLUME, ML, self.counter_ml, 2, stamp),
            numeric(REMAINING, ML, left, 2, stamp),
            numeric(PROGRAMMED, ML, self.volume_ml, 2, stamp),
            observation(3, DELIVERY_STATUS, text(status), stamp),
        ):
            await self.send(self.live_values, body)

    async def tell(self, *bodies):
        if self.live and self.connection:
            for body in bodies:
                await self.send(self.live_values, body)
            await self.send_values()

    # What is done to it.

    async def do_history(self, command):
        """So many records of infusions that are over, a minute apart, the newest an hour old."""
        count = command["records"]
        for place in range(count):
            ago = 3600 + (count - place) * 60
            step = place % 11
            if step == 0:
                self.counter_ml, self.rate = 0.0, 60.0
                self.remember("event", STARTED, ago=ago)
            elif step == 10 or place == count - 1:
                self.counter_ml = 10.0
                self.remember("event", COMPLETED, ago=ago)
            else:
                self.counter_ml = float(step)
                self.remember("progress", ago=ago)
        self.counter_ml, self.rate = 0.0, 0.0
        return {"records": len(self.records)}

    async def do_program(self, command):
        self.volume_ml, self.counter_ml, self.delivering = float(command["ml"]), 0.0, False

    async def do_start(self, _command):
        self.rate, self.delivering = 60.0, True
        bodies = []
        if self.occluded:
            self.occluded = False
            bodies.append(self.remember("alarm", "end", "inactive"))
        bodies.append(self.remember("event", STARTED))
        await self.quietly(self.tell(*bodies))

    async def do_infuse(self, command):
        self.counter_ml += command["ml"]
        self.remember("progress")
        await self.quietly(self.tell())

    async def do_occlude(self, _command):
        self.occluded, self.delivering, self.rate = True, False, 0.0
        alarm, stopped = self.remember("alarm", "start", "active"), self.remember("event", STOPPED)
        await self.quietly(self.tell(alarm, stopped))

    async def do_complete(self, _command):
        self.counter_ml, self.delivering, self.rate = self.volume_ml, False, 0.0
        await self.quietly(self.tell(self.remember("event", COMPLETED)))

    async def do_cut(self, command):
        self.cut_after = command.get("after_packets")
        self.cut_before_answer = command.get("before_answer", False)

    async def do_clock(self, command):
        """A person sets the clock, at the pump."""
        self.ahead = command["ahead_s"]
        self.timeline += 1
        if self.connection:
            await self.quietly(self.answer(self.clock, self.elapsed_time() + bytes([0, 0])))

    async def do_state(self, _command):
        return {"last": len(self.records), "connected": self.connection is not None}

    async def do(self, command):
        answer = await super().do(command)
        self.save()
        return answer


class VitalSigns(Peripheral):
    """Stored measurements that come in one burst as soon as somebody subscribes; then the device ends the link."""

    def __init__(self, device, keys, kind):
        super().__init__(device, keys)
        self.kind = kind
        self.service, self.uuid, self.address = {
            "thermometer": (0x1809, 0x2A1C, "F0:F1:F2:F3:F4:02"),
            "cuff": (0x1810, 0x2A35, "F0:F1:F2:F3:F4:03"),
            "oximeter": (0x1822, 0x2A5E, "F0:F1:F2:F3:F4:04"),
            "scale": (0x181D, 0x2A9D, "F0:F1:F2:F3:F4:05"),
        }[kind]
        self.pending = []

    def services(self):
        self.measurement = Characteristic(UUID.from_16_bits(self.uuid), INDICATE, READABLE, b"")
        self.measurement.on("subscription", self.on_subscription)
        serial = ("BENCH-" + self.kind.upper()).encode()
        return [
            Service(UUID.from_16_bits(self.service), [self.measurement]),
            Service(
                UUID.from_16_bits(0x180A), [Characteristic(UUID.from_16_bits(0x2A25), READ, READABLE, serial)]
            ),
        ]

    def on_subscription(self, _connection, _notify, indicate):
        if indicate:
            asyncio.create_task(self.burst())

    async def burst(self):
        await asyncio.sleep(0.05)
        try:
            for value in self.pending:
                if not self.connection:
                    return
                await self.device.indicate_subscriber(self.connection, self.measurement, value)
            await asyncio.sleep(0.1)
        except (ConnectionError, asyncio.TimeoutError, asyncio.CancelledError):
            return
        await self.do_disconnect({})

    async def do_measured(self, command):
        """Measurements wait to be fetched; each is `[minutes ago, values…]`. They are sent again at every connection."""
        for ago, *values in command["values"]:
            at = time.gmtime(time.time() - ago * 60)
            stamp = struct.pack("<HBBBBB", at.tm_year, at.tm_mon, at.tm_mday, at.tm_hour, at.tm_min, at.tm_sec)
            self.pending.append(self.encode(values, stamp))

    def encode(self, values, stamp):
        if self.kind == "thermometer":
            return bytes([0b110]) + medfloat(values[0], 1) + stamp + bytes([6])
        if self.kind == "cuff":
            systolic, diastolic, pulse = values
            mean = (systolic + 2 * diastolic) // 3
            return bytes([0b110]) + sfloat(systolic) + sfloat(diastolic) + sfloat(mean) + stamp + sfloat(pulse)
        if self.kind == "oximeter":
            saturation, pulse = values
            return bytes([0b1]) + sfloat(saturation) + sfloat(pulse) + stamp
        kilograms, user = values
        return bytes([0b110]) + struct.pack("<H", int(round(kilograms / 0.005))) + stamp + bytes([user])


async def main():
    kind, port, keys = sys.argv[1:4]
    async with await open_transport(f"tcp-client:127.0.0.1:{port}") as (source, sink):
        probe = {"pump": Pump.address}.get(kind) or VitalSigns(None, keys, kind).address
        configuration = DeviceConfiguration(name=kind, address=Address(probe), irk=os.urandom(16), le_privacy_enabled=False)
        device = Device.from_config_with_hci(configuration, source, sink)
        peripheral = Pump(device, keys, sys.argv[4]) if kind == "pump" else VitalSigns(device, keys, kind)
        await peripheral.serve()
        print(json.dumps({"ready": kind}), flush=True)
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            command = json.loads(line)
            answer = await peripheral.do(command)
            print(json.dumps({"done": command["do"], **answer}), flush=True)


asyncio.run(main())
