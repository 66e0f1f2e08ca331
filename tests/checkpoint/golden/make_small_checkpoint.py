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

MANIFEST, LOG, STATE, SAVEPOINT_FILE = 1, 2, 3, 6
BASE, PLAN, DONE, COMMIT, SEGMENTS, SAVEPOINT = 1, 3, 4, 5, 6, 10
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
    def __init__(self, kind, number, first_sequence):
        self.seed = xxh64(struct.pack('<HQQI', kind, STORE, GENERATION, number), 0)
        length = 68 + len(APPLICATION)
        header = b'TIDEMARK' + struct.pack('<IIHHIQQQQ', 1, length, kind, 0, number, STORE, GENERATION, first_sequence, 0)
        header += text(APPLICATION)
        self.parts = [('header', header + struct.pack('<Q', xxh64(header, 0)))]

    def size(self):
        return sum(len(part) for _, part in self.parts)

    def block(self, label, kind, payload, stage=0, group=0, sequence=0, time=0, records=0):
        """Appends a block and returns what a commit says about it."""
        offset, summed = self.size(), xxh64(payload, self.seed)
        head = b'TDMK' + struct.pack('<HHIIQqQQQ', kind, 0, stage, group, sequence, time, records, len(payload), summed)
        self.parts.append((label, head + struct.pack('<Q', xxh64(head, self.seed)) + payload))
        return struct.pack('<HIIQQQQ', kind, group, 0, offset, len(payload), records, summed)


state = File(STATE, 1, 3)
blocks = [state.block('group 0', BASE, b'\xaa', group=0, sequence=3, time=2000, records=1),
          state.block('group 3', BASE, b'\xbb\xcc', group=3, sequence=3, time=2000, records=2)]

log = File(LOG, 1, 1)
log.block('plan', PLAN, items(text(b'plays') + blob(b'\x01\x02')), sequence=1, time=2000)
log.block('done', DONE, text(b'top-10') + items(text(b'hits') + blob(b'\x07')), sequence=2, time=2000)
commit = (struct.pack('<qq', 1000, 1000) + text(b'plays -> video-hits')
          + named(partitions=b'\x08') + named(plays=b'\x2a') + named(hits=b'\x07')
          + items(struct.pack('<QIQ', GENERATION, 1, state.size()))
          + items(text(b'video-hits') + text(b'map_with_state') + text(b'text') + text(b'int64') + struct.pack('<I', 1)
                  + items(*blocks)))
log.block('commit', COMMIT, commit, sequence=3, time=2000)

savepoint = File(SAVEPOINT_FILE, 0, 3)
savepoint.block('savepoint', SAVEPOINT, text(b'before-upgrade') + commit, sequence=3, time=2000)

manifest = File(MANIFEST, 0, 0)
manifest.block('segments', SEGMENTS, struct.pack('<Q', 3) + items(struct.pack('<QIQQQ', GENERATION, 1, 1, 0, 0)))

print('''// SPDX-License-Identifier: BSL-1.0
//
// small_checkpoint: the bytes of one plan, one done, one commit and its savepoint, printed by make_small_checkpoint.py.

#pragma once

#include <string_view>

namespace golden {
''')
for name, file in (('manifest', manifest), ('log', log), ('state', state), ('savepoint', savepoint)):
    print(f'inline constexpr std::string_view {name} = //')
    for label, part in file.parts:
        print(f'    // {label}')
        rows = [part[i:i + 32].hex() for i in range(0, len(part), 32)]
        for row in rows:
            last = label == file.parts[-1][0] and row is rows[-1]
            print(f'    "{row}"' + (';' if last else ''))
    print()
print('} // namespace golden')
