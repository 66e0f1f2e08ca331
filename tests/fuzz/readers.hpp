// SPDX-License-Identifier: BSL-1.0
//
// readers: every reader of saved bytes, as a function of any bytes at all: an error of the library is all that may come of
// them.

#pragma once

#include <tidemark/checkpoint/checkpoint_directory.hpp>
#include <tidemark/checkpoint/dataset_mark.hpp>
#include <tidemark/checkpoint/detail/block.hpp>
#include <tidemark/checkpoint/detail/bytes.hpp>
#include <tidemark/checkpoint/detail/commit_codec.hpp>
#include <tidemark/checkpoint/detail/compressed_block.hpp>
#include <tidemark/checkpoint/detail/file_header.hpp>
#include <tidemark/checkpoint/detail/record_codec.hpp>
#include <tidemark/checkpoint/file_names.hpp>
#include <tidemark/checkpoint/input_archive.hpp>
#include <tidemark/checkpoint/inspection.hpp>
#include <tidemark/checkpoint/locked_checkpoint.hpp>
#include <tidemark/checkpoint/manifest.hpp>
#include <tidemark/checkpoint/merged_group.hpp>
#include <tidemark/checkpoint/object_file.hpp>
#include <tidemark/checkpoint/part_file.hpp>
#include <tidemark/checkpoint/recovery_reader.hpp>
#include <tidemark/checkpoint/saved_json.hpp>
#include <tidemark/checkpoint/schema.hpp>
#include <tidemark/checkpoint/serialization.hpp>
#include <tidemark/checkpoint/snapshot_format.hpp>
#include <tidemark/checkpoint/state_import.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/execution/block_store.hpp>
#include <tidemark/rdd/block_keeper.hpp>
#include <tidemark/sources/detail/block_event.hpp>
#include <tidemark/sources/detail/logged_batch.hpp>
#include <tidemark/storage/block_compression.hpp>
#include <tidemark/storage/checksum.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/storage/scratch_directory.hpp>
#include <tidemark/stream/logged_plan.hpp>

#include <boost/hana/define_struct.hpp>

#include <checkpoint/run_lengths.hpp>
#include <fuzz/restored.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

namespace fuzz {

using bytes = std::span<std::byte const>;

struct leaf {
    BOOST_HANA_DEFINE_STRUCT(leaf, (std::string, name), (double, weight), (std::optional<std::int64_t>, at));
};

struct tree {
    BOOST_HANA_DEFINE_STRUCT(tree, (int, value), (std::vector<tree>, below));
};

struct self_saved {
    std::vector<std::string> words;
    std::int32_t number = 0;

    template <typename Archive>
    void serialize(Archive& archive, unsigned)
    {
        archive & words & number;
    }
};

/// A value of type `T`, and what is left over.
template <typename T>
void read_value(bytes some)
{
    tidemark::input_archive in(some);
    static_cast<void>(tidemark::load<T>(in));
}

inline void read_values(bytes some)
{
    if (some.empty())
        return;
    auto const rest = some.subspan(1);
    switch (std::to_integer<unsigned>(some.front()) % 14) {
    case 0:
        return read_value<std::string>(rest);
    case 1:
        return read_value<std::vector<std::string>>(rest);
    case 2:
        return read_value<std::map<std::string, std::vector<std::int32_t>>>(rest);
    case 3:
        return read_value<std::set<std::pair<std::int64_t, bool>>>(rest);
    case 4:
        return read_value<std::variant<std::monostate, std::string, std::vector<double>>>(rest);
    case 5:
        return read_value<std::tuple<bool, std::optional<std::string>, std::chrono::milliseconds>>(rest);
    case 6:
        return read_value<std::vector<std::monostate>>(rest);
    case 7:
        return read_value<std::vector<bool>>(rest);
    case 8:
        return read_value<tree>(rest);
    case 9:
        return read_value<std::deque<leaf>>(rest);
    case 10:
        return read_value<std::list<self_saved>>(rest);
    case 11:
        return read_value<std::array<std::map<int, leaf>, 3>>(rest);
    case 12:
        return read_value<std::multimap<std::int8_t, std::string>>(rest);
    default:
        return read_value<std::vector<std::pair<std::uint64_t, std::array<float, 2>>>>(rest);
    }
}

/// A schema, up to the first zero byte, and a value of it.
inline void read_as_json(bytes some)
{
    auto const end = std::find(some.begin(), some.end(), std::byte{});
    std::string const schema(reinterpret_cast<char const*>(some.data()), static_cast<std::size_t>(end - some.begin()));
    tidemark::saved_shape const shape(schema);
    tidemark::input_archive in(some.subspan(std::min(schema.size() + 1, some.size())));
    std::string text;
    tidemark::append_saved_json(text, shape, in);
}

inline void read_payloads(bytes some)
{
    if (some.empty())
        return;
    tidemark::detail::located_bytes const payload{some.subspan(1), "file", 0};
    switch (std::to_integer<unsigned>(some.front()) % 3) {
    case 0:
        static_cast<void>(tidemark::detail::decode_commit(tidemark::batch_time(1), payload));
        return;
    case 1:
        static_cast<void>(tidemark::detail::decode_plan(tidemark::batch_time(1), payload));
        return;
    default:
        static_cast<void>(tidemark::detail::decode_done(tidemark::batch_time(1), payload));
        return;
    }
}

/// Makes headers and checksums right, so that what is behind them is reached: else few bytes would pass the first test.
/// Every other thing stays as it is.
inline std::vector<std::byte> sealed(bytes some)
{
    using namespace tidemark;
    std::vector<std::byte> file(some.begin(), some.end());
    auto const put = [&](std::size_t at, std::uint64_t number, std::size_t width) {
        for (std::size_t i = 0; i < width; ++i, number >>= 8U)
            file[at + i] = static_cast<std::byte>(number & 0xffU);
    };
    if (file.size() < snapshot_format::file_header_fixed_bytes)
        return file;
    auto const magic = std::as_bytes(std::span(snapshot_format::file_magic));
    std::copy(magic.begin(), magic.end(), file.begin());
    put(8, std::to_integer<unsigned>(file[8]) % 2 + snapshot_format::version, 4); // a state file may be of the next one
    auto const name = std::to_integer<std::size_t>(file[56]) % 8;
    std::size_t const header = snapshot_format::file_header_fixed_bytes + name;
    if (file.size() < header)
        return file;
    put(12, header, 4);
    put(18, 0, 2);
    put(56, name, 4);
    put(header - 8, checksum(bytes(file).first(header - 8), 0), 8);
    auto const seed = detail::block_seed(detail::decode_file_header(file, "file").header);
    constexpr std::size_t head = snapshot_format::block_header_bytes;
    for (std::size_t at = header; file.size() - at >= head;) {
        auto const rest = file.size() - at - head;
        auto const length = std::min<std::size_t>(rest, std::to_integer<std::size_t>(file[at + 40]));
        put(at, snapshot_format::block_magic, 4);
        put(at + 6, file[at + 6] == std::byte{} ? 0 : compression_cases::run_lengths::id, 2);
        put(at + 40, length, 8);
        put(at + 48, checksum(bytes(file).subspan(at + head, length), seed), 8);
        put(at + 56, checksum(bytes(file).subspan(at, 56), seed), 8);
        at += head + length;
    }
    return file;
}

inline void read_marks(bytes some)
{
    if (some.empty())
        return;
    auto const file = sealed(some.subspan(1));
    switch (std::to_integer<unsigned>(some.front()) % 3) {
    case 0:
        static_cast<void>(tidemark::decode_manifest(file));
        return;
    case 1:
        static_cast<void>(tidemark::decode_mark(file, "mark"));
        return;
    default:
        static_cast<void>(tidemark::decode_object_index(some.subspan(1), "index"));
        return;
    }
}

/// A part of an rdd's checkpoint, of which the mark says what the first bytes say.
inline void read_part(bytes some)
{
    if (some.size() < 9)
        return;
    auto file = sealed(some.subspan(9));
    tidemark::memory_storage const files;
    files.put(tidemark::part_name(0), file);
    tidemark::part_entry expected;
    expected.size =
        std::to_integer<unsigned>(some[0]) % 2 == 0 ? file.size() : std::to_integer<std::uint64_t>(some[1]) << 4U;
    expected.records = std::to_integer<std::uint64_t>(some[2]);
    std::uint64_t id = 0;
    if (file.size() >= 32)
        for (std::size_t i = 0; i < 8; ++i)
            id |= std::to_integer<std::uint64_t>(file[24 + i]) << 8U * i;
    tidemark::part_reader part(files, id, 0, expected);
    while (part.next()) {
    }
}

/// What the files of a directory are called, of which the pieces of an input are made.
inline constexpr std::array<std::string_view, 7> directory_names{
    "manifest",
    "log-0000000001-0000000001",
    "log-0000000001-0000000002",
    "log-0000000002-0000000001",
    "state-0000000001-0000000001",
    "state-0000000001-0000000002",
    "savepoint-one",
};

/// A checkpoint directory: each piece of `some` is a number, a length and the bytes of the file with that number. Odd
/// numbers are sealed.
inline tidemark::memory_storage directory_of(bytes some)
{
    tidemark::memory_storage files;
    while (some.size() > 3) {
        auto const which = std::to_integer<unsigned>(some[0]);
        auto const length = std::min<std::size_t>(some.size() - 3, std::to_integer<std::size_t>(some[1])
                                                                       | std::to_integer<std::size_t>(some[2]) << 8U);
        auto const piece = some.subspan(3, length);
        std::string const name(directory_names[which / 2 % directory_names.size()]);
        if (which % 2 == 0)
            files.put(name, piece);
        else
            files.put(name, sealed(piece));
        some = some.subspan(3 + length);
    }
    return files;
}

inline void read_directory(bytes some)
{
    auto const files =
        tidemark::checkpoint_directory(directory_of(some)).decompressed_by(compression_cases::run_lengths{}).storage();
    auto const found = tidemark::inspect_checkpoint(files);
    auto log = tidemark::journal::open(files, {.application = found.application}).log;
    tidemark::commit_record record;
    record.time = tidemark::batch_time(std::int64_t{1} << 60);
    static_cast<void>(log.commit(record));
}

/// The payload of a block of state that is compressed.
inline void read_compressed(bytes some)
{
    tidemark::block_compressions ways;
    ways.write_with(compression_cases::run_lengths{});
    tidemark::detail::located_bytes const payload{some, "file", 0};
    static_cast<void>(tidemark::detail::decompressed(*ways.writer(), payload));
}

inline void read_block_log(bytes some)
{
    for (auto const& frame : tidemark::detail::scan_block_frames(some, 1).frames)
        read_value<tidemark::detail::block_event>(frame.payload);
}

inline void read_block_event(bytes some) { read_value<tidemark::detail::block_event>(some); }

inline void read_block_log_start(bytes some)
{
    static_cast<void>(tidemark::detail::decode_block_log_start(some, "log"));
}

/// What a source has planned, and where it stands, with a log of its records or of blocks.
inline void read_logged(bytes some)
{
    if (tidemark::detail::logged_schema(some))
        read_value<tidemark::detail::logged_plan<std::string>>(some);
    static_cast<void>(tidemark::detail::decode_block_position(some));
}

/// A base and a run behind it, made into one by the schemas of its keys and states alone.
inline void merge(bytes some)
{
    if (some.size() < 2)
        return;
    auto const split = std::min<std::size_t>(some.size() - 2, std::to_integer<std::size_t>(some[0]));
    auto const copy = [](bytes from) { return std::vector<std::byte>(from.begin(), from.end()); };
    tidemark::group_image group{0, std::to_integer<std::uint64_t>(some[1]) & 0xfU, copy(some.subspan(2, split))};
    group.runs.push_back({tidemark::batch_time(1), std::to_integer<std::uint64_t>(some[1]) >> 6U,
                          std::to_integer<std::uint64_t>(some[1]) >> 4U & 3U, copy(some.subspan(2 + split))});
    static_cast<void>(tidemark::merged_group(group, "string", "int32"));
}

/// A part of object files, of which the index says what the first three bytes say, and all that its blocks hold where the
/// first is even.
inline void read_object_part(bytes some)
{
    using namespace tidemark;
    using namespace object_format;
    if (some.size() < 3)
        return;
    auto const front = detail::object_part_header(0);
    std::vector<std::byte> file(front);
    file.insert(file.end(), some.begin() + 3, some.end());
    object_part expected{file.size() + std::to_integer<std::uint64_t>(some[1]), std::to_integer<std::uint64_t>(some[2]),
                         0};
    std::uint64_t records = 0;
    std::uint64_t number = 0;
    for (auto at = front.size(); file.size() - at >= block_header_bytes; ++number) { // headers and checksums made right
        auto const payload = at + block_header_bytes;
        detail::object_block block;
        block.records = std::to_integer<std::uint64_t>(file[at]);
        block.length = std::min<std::uint64_t>(file.size() - payload, std::to_integer<std::uint64_t>(file[at + 8]));
        auto const seed = detail::object_block_seed(0, number);
        auto const length = static_cast<std::size_t>(block.length);
        block.payload_checksum = checksum(bytes(file).subspan(payload, length), seed);
        auto const header = detail::encode_object_block(block, seed);
        std::copy(header.begin(), header.end(), file.begin() + static_cast<std::ptrdiff_t>(at));
        expected.checksum = checksum(header, expected.checksum);
        records += block.records;
        at = payload + length;
    }
    if (std::to_integer<unsigned>(some[0]) % 2 == 0)
        expected = {file.size(), records, expected.checksum};
    static scratch_directory const folder;
    {
        auto written = folder.storage().create("part");
        written.append(file);
    }
    object_part_reader<std::pair<std::string, std::int32_t>>(folder.storage().describe() + "/part", 0, expected)
        .read([](auto&&) { return true; });
}

/// A partition that an rdd has kept in a file; the checksum of the store is right.
inline void read_kept(bytes some)
{
    using namespace tidemark;
    constexpr block_level on_disk{.memory = false, .disk = true, .serialized = true};
    auto const store = std::make_shared<block_store>(unlimited_memory, any_storage(memory_storage()));
    block_keeper<std::string> kept(store, on_disk, false);
    new_block block;
    block.content.bytes = std::make_shared<std::vector<std::byte> const>(some.begin(), some.end());
    block.level = on_disk;
    store->put({1, 0}, std::move(block)); // the first collection of a store is number 1
    static_cast<void>(kept.find(0));
}

/// States in an archive, as an export writes them.
inline void read_export(bytes some)
{
    tidemark::input_archive in(some);
    static_cast<void>(tidemark::import_state_with_times<std::string, std::vector<std::int32_t>>(in));
}

struct reader {
    std::string_view name;
    void (*read)(bytes);
};

inline constexpr std::array readers{
    reader{"values", read_values},
    reader{"json", read_as_json},
    reader{"payloads", read_payloads},
    reader{"marks", read_marks},
    reader{"part", read_part},
    reader{"directory", read_directory},
    reader{"compressed", read_compressed},
    reader{"block log", read_block_log},
    reader{"block event", read_block_event},
    reader{"block log start", read_block_log_start},
    reader{"logged", read_logged},
    reader{"merged", merge},
    reader{"restored", restore},
    reader{"object part", read_object_part},
    reader{"kept", read_kept},
    reader{"exported", read_export},
};

/// Reads, and says whether anything was wrong. What is no error of the library comes out.
inline bool refused(reader const& one, bytes some)
{
    try {
        one.read(some);
        return false;
    } catch (tidemark::error const&) {
        return true;
    }
}

} // namespace fuzz
