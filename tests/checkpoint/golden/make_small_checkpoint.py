#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
#
# make_small_checkpoint: prints small_checkpoint.hpp from docs/checkpoint-format.md alone; it shares no code with the library.

import struct

MASK = (1 << 64) - 1
P1, P2, P3, P4, P5 = (11400714785074694791, 14029467366897019727, 1609587929392839161, 9650029242287828579,
                      2870177450012600261)


def rotate(value, by):
    return ((value << by) | (value >> (64 - by))) & MASK


def mix(lane, word):
    return rotate((lane + word * P2) & MASK, 31) * P1 & MASK


def xxh64(data, seed):
    """XXH64 as its published specification describes it."""
    at = 0
    if len(data) >= 32:
        lanes = [(seed + P1 + P2) & MASK, (seed + P2) & MASK, seed, (seed - P1) & MASK]
        while at + 32 <= len(data):
            lanes = [mix(lane, word) for lane, word in zip(lanes, struct.unpack_from('<4Q', data, at))]
            at += 32
        total = sum(rotate(lane, by) for lane, by in zip(lanes, (1, 7, 12, 18))) & MASK
        for lane in lanes:
            total = ((total ^ mix(0, lane)) * P1 + P4) & MASK
    else:
        total = (seed + P5) & MASK
    total = (total + len(data)) & MASK
    while at + 8 <= len(data):
        total = (rotate(total ^ mix(0, struct.unpack_from('<Q', data, at)[0]), 27) * P1 + P4) & MASK
        at += 8
    if at + 4 <= len(data):
        total = (rotate(total ^ (struct.unpack_from('<I', data, at)[0] * P1 & MASK), 23) * P2 + P3) & MASK
        at += 4
    for byte in data[at:]:
        total = rotate(total ^ (byte * P5 & MASK), 11) * P1 & MASK
    total = (total ^ (total >> 33)) * P2 & MASK
    total = (total ^ (total >> 29)) * P3 & MASK
    return total ^ (total >> 32)


assert xxh64(b'', 0) == 0xEF46DB3751D8E999  # from the specification's own test values
assert xxh64(b'abc', 0) == 0x44BC2CF5AD770999

MANIFEST, LOG, STATE, PART, MARK, SAVEPOINT_FILE = 1, 2, 3, 4, 5, 6
BASE, DELTA, PLAN, DONE, COMMIT, SEGMENTS, ROWS, PARTS, PARTITIONING, SAVEPOINT = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
NONE, ZSTD, LZ4, RUN_LENGTHS = 0, 1, 2, 300
STORE, GENERATION, APPLICATION = 0x0123456789ABCDEF, 1, b'golden'


def text(value):
    return struct.pack('<I', len(value)) + value


def blob(value):
    return struct.pack('<Q', len(value)) + value


def items(*values):
    return struct.pack('<I', len(values)) + b''.join(values)


def named(**values):
    return items(*(text(name.encode()) + blob(value) for name, value in sorted(values.items())))


class File:
    def __init__(self, version, kind, number, first_sequence, generation=GENERATION, application=APPLICATION):
        self.version = version
        self.seed = xxh64(struct.pack('<HQQI', kind, STORE, generation, number), 0)
        length = 68 + len(application)
        header = b'TIDEMARK' + struct.pack('<IIHHIQQQQ', version, length, kind, 0, number, STORE, generation, first_sequence, 0)
        header += text(application)
        self.parts = [('header', header + struct.pack('<Q', xxh64(header, 0)))]

    def size(self):
        return sum(len(part) for _, part in self.parts)

    def block(self, label, kind, payload, stage=0, group=0, sequence=0, time=0, records=0, compression=NONE):
        """Appends a block and returns what a commit says about it."""
        if compression != NONE:
            piece = COMPRESSED[compression](payload)
            payload = struct.pack('<QI', len(payload), len(piece)) + piece
        offset, summed = self.size(), xxh64(payload, self.seed)
        head = b'TDMK' + struct.pack('<HHIIQqQQQ', kind, compression, stage, group, sequence, time, records, len(payload), summed)
        self.parts.append((label, head + struct.pack('<Q', xxh64(head, self.seed)) + payload))
        self.summed = summed
        reference = struct.pack('<HIIQQQQ', kind, group, 0, offset, len(payload), records, summed)
        return reference + (struct.pack('<q', time) if self.version >= 2 else b'')


def run_lengths(data):
    """Each run of equal bytes as its length and the byte."""
    made = b''
    while data:
        length = len(data) - len(data.lstrip(data[:1]))
        made += bytes([length]) + data[:1]
        data = data[length:]
    return made


def zstd_of_one_byte(data):
    """A frame of Zstandard (RFC 8878) with one block, which repeats its byte; of less than 256 equal bytes."""
    assert data == data[:1] * len(data) and len(data) < 256
    single_segment, is_last, repeats = 0x20, 1, 1 << 1
    block = struct.pack('<I', is_last | repeats | len(data) << 3)[:3] + data[:1]
    return struct.pack('<I', 0xFD2FB528) + bytes([single_segment, len(data)]) + block


def lz4_of_one_byte(data):
    """A block of LZ4: one byte, a match with what is one byte before, and the last five bytes; of 25 to 279 equal bytes."""
    assert data == data[:1] * len(data)
    match = len(data) - 1 - 5
    assert 4 + 15 <= match < 4 + 15 + 255
    return bytes([1 << 4 | 15]) + data[:1] + struct.pack('<H', 1) + bytes([match - 4 - 15]) + bytes([5 << 4]) + data[:5]


COMPRESSED = {ZSTD: zstd_of_one_byte, LZ4: lz4_of_one_byte, RUN_LENGTHS: run_lengths}


def delta(*runs):
    """The payload of a delta block; a run is group, entries, keys that went, bytes."""
    table = items(*(struct.pack('<IQQQ', group, put, gone, len(data)) for group, put, gone, data in runs))
    return table + b''.join(data for _, _, _, data in runs)


def commit(state_size, blocks):
    return (struct.pack('<qq', 1000, 1000) + text(b'plays -> video-hits')
            + named(partitions=b'\x08') + named(plays=b'\x2a') + named(hits=b'\x07')
            + items(struct.pack('<QIQ', GENERATION, 1, state_size))
            + items(text(b'video-hits') + text(b'map_with_state') + text(b'text') + text(b'int64') + struct.pack('<I', 1)
                    + items(*blocks)))


def checkpoint(version, ways=(NONE, NONE, NONE)):
    """A plan, a done, and a commit; in version 2 a delta and a commit more. Ways: to compress two bases and the delta."""
    is_compressed = ways != (NONE, NONE, NONE)
    one, other = (b'\xaa' * 40, b'\xbb' * 40) if is_compressed else (b'\xaa', b'\xbb\xcc')
    own_sequence = 3 if version == 1 else 0  # version 1 numbered the state as the commit that it was for
    state = File(3 if is_compressed else version, STATE, 1, own_sequence)
    blocks = [state.block('group 0', BASE, one, group=0, sequence=own_sequence, time=2000, records=1, compression=ways[0]),
              state.block('group 3', BASE, other, group=3, sequence=own_sequence, time=2000, records=2, compression=ways[1])]

    log = File(version, LOG, 1, 1)
    log.block('plan', PLAN, items(text(b'plays') + blob(b'\x01\x02')), sequence=1, time=2000)
    log.block('done', DONE, text(b'top-10') + items(text(b'hits') + blob(b'\x07')), sequence=2, time=2000)
    last, time, sequence = commit(state.size(), blocks), 2000, 3
    log.block('commit', COMMIT, last, sequence=sequence, time=time)
    if version >= 2:
        time, sequence = 3000, 4
        changed = delta((0, 1, 0, b'\xab'), (3, 0, 1, b'\xcd'))
        blocks.append(state.block('delta', DELTA, changed, time=time, records=2, compression=ways[2]))
        last = commit(state.size(), blocks)
        log.block('commit with a delta', COMMIT, last, sequence=sequence, time=time)

    savepoint = File(version, SAVEPOINT_FILE, 0, sequence)
    savepoint.block('savepoint', SAVEPOINT, text(b'before-upgrade') + last, sequence=sequence, time=time)

    manifest = File(version, MANIFEST, 0, 0)
    manifest.block('segments', SEGMENTS, struct.pack('<Q', 3) + items(struct.pack('<QIQQQ', GENERATION, 1, 1, 0, 0)))
    return ('manifest', manifest), ('log', log), ('state', state), ('savepoint', savepoint)


def rdd(version):
    """The checkpoint of an rdd with three records in the first of its two partitions."""
    schema = b'int64'
    parts, entries = [], []
    for number, rows in enumerate((((2, b'\x01\x02'), (1, b'\x03')), ())):
        part, records, total = File(version, PART, number, 0, generation=0, application=schema), 0, 0
        for sequence, (count, row) in enumerate(rows):
            part.block(f'row {sequence}', ROWS, row, sequence=sequence, records=count)
            records += count
            total = xxh64(struct.pack('<Q', part.summed), total)
        parts.append((f'part_{number}', part))
        entries.append(struct.pack('<QQQ', part.size(), records, total))
    mark = File(version, MARK, 0, 0, generation=0, application=b'')
    mark.block('parts', PARTS, text(schema) + items(*entries), sequence=0)
    mark.block('partitioning', PARTITIONING, struct.pack('<QQ', 2, 8), sequence=1)
    return *parts, ('mark', mark)


class ReceivedLog:
    """The log of received blocks, in one file."""

    def __init__(self, version, number):
        self.version, self.number, self.sequence, self.parts = version, number, 0, []

    def frame(self, label, payload):
        seed = xxh64(struct.pack('<QQQ', self.number, self.sequence, len(payload)), 0)
        head = struct.pack('<4sIQQ', b'TBLK', len(payload), self.sequence, xxh64(payload, seed))
        self.parts.append((label, head + payload))

    def start(self, oldest, allocated, last):
        identity = bytes([0]) + short(b'shop') + struct.pack('<QQ', 7, 3) if self.version > 1 else b''
        self.frame('start', struct.pack('<IBQBq', self.version, 0, oldest, allocated, last) + identity)

    def event(self, label, kind, stream=b'', name=b'', records=0, location=b'', time=0, number=0):
        block = bytes([0]) + b''.join((short(stream), short(name), struct.pack('<Q', records), short(location)))
        self.frame(label, bytes([0, kind]) + block + struct.pack('<qQ', time, number))
        self.sequence += 1


def short(value):
    """As output_archive writes a text of less than 128 bytes."""
    assert len(value) < 128
    return bytes([len(value)]) + value


def received(version):
    """Two blocks that the batch of 2000 takes, one that waits, and a batch before which all is forgotten."""
    log = ReceivedLog(version, 1)
    log.start(1, 0, 0)
    log.event('added', 1, b'orders', b'1', 2, b'\xaa\xbb')
    log.event('added', 1, b'orders', b'2', 1, b'\xcc')
    log.event('allocated', 2, time=2000, number=2)
    log.event('added', 1, b'clicks', b'1', 3)
    log.event('cleaned', 3, time=3000, number=1)
    return (('log', log),)


print('''// SPDX-License-Identifier: BSL-1.0
//
// small_checkpoint: the bytes of a small checkpoint and its savepoint in each version of the format, of compressed ones,
// of the checkpoint of an rdd, and of logs of received blocks, printed by make_small_checkpoint.py.

#pragma once

#include <string_view>
''')
made = {'version_1': checkpoint(1), 'version_2': checkpoint(2),
        'compressed': checkpoint(2, (RUN_LENGTHS, RUN_LENGTHS, RUN_LENGTHS)),
        'compressed_by_libraries': checkpoint(2, (ZSTD, LZ4, NONE)), 'rdd_version_1': rdd(1), 'rdd_version_2': rdd(2),
        'received_version_1': received(1), 'received': received(2)}
for space, files in made.items():
    print(f'namespace golden::{space} {{\n')
    for name, file in files:
        print(f'inline constexpr std::string_view {name} = //')
        for label, part in file.parts:
            print(f'    // {label}')
            rows = [part[i:i + 32].hex() for i in range(0, len(part), 32)]
            for row in rows:
                last = label == file.parts[-1][0] and row is rows[-1]
                print(f'    "{row}"' + (';' if last else ''))
        print()
    print(f'}} // namespace golden::{space}' + ('' if space == list(made)[-1] else '\n'))
