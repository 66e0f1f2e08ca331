// SPDX-License-Identifier: BSL-1.0
//
// full_base: all of a large state made into bytes with their checksums, against a copy of as many bytes; and that written
// until it is durable, against a std::unordered_map through a Boost archive into a file stream, synced; against as many
// bytes written past the page cache over an old file, and through it into a new one. Targets: 0.7 times the speed of the copy;
// 50 times as fast as the archive; 0.75 times the speed of the direct write, twice that of the new file. One thread.
//
// Usage: full_base [keys = 10000000 [rounds = 7 [directory = the working directory]]].

#include "support/direct_file.hpp"
#include "support/measuring.hpp"

#include <tidemark/checkpoint/locked_checkpoint.hpp>
#include <tidemark/checkpoint/row_archive.hpp>
#include <tidemark/core/key_hash.hpp>
#include <tidemark/state/keyed_state.hpp>
#include <tidemark/storage/checksum.hpp>
#include <tidemark/storage/local_directory.hpp>

#include <boost/archive/binary_oarchive.hpp>
#include <boost/serialization/unordered_map.hpp>
#include <boost/serialization/utility.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace tide = tidemark;

namespace {

using key = std::uint64_t;
using plain_map = std::unordered_map<key, std::pair<std::int64_t, std::int64_t>>; // counts, with an update's time

constexpr std::uint32_t groups = 256;

/// A group's states as a stage saves them.
std::vector<std::byte> packed(tide::keyed_state<key, std::int64_t> const& states, std::size_t group)
{
    tide::row_archive<key, std::int64_t, std::int64_t> out(states.size(group));
    states.for_each(group, [&out](key const& one, tide::held_state<std::int64_t> const& held) {
        out.add(one, held.value, held.updated);
    });
    return out.take();
}

/// Saves all states in one commit, until it is durable.
void commit(tide::opened_journal& opened, tide::keyed_state<key, std::int64_t> const& states, std::int64_t number)
{
    tide::commit_record record;
    record.time = tide::batch_time(number);
    record.batch_ms = 1;
    record.graph = "numbers -> counts";
    record.stages.push_back({"counts", "map_with_state", "uint64", "int64", 1, {}});
    tide::stage_changes all{true, {}, {}, {}};
    for (std::uint32_t group = 0; group < groups; ++group)
        all.bases.push_back({group, states.size(group), packed(states, group)});
    opened.log.change(record.time, "counts", std::move(all));
    opened.log.commit(record);
}

void save_by_boost(plain_map const& map, std::string const& file)
{
    {
        std::ofstream out(file, std::ios::binary);
        boost::archive::binary_oarchive archive(out);
        archive << map;
    }
    int const descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    ::fdatasync(descriptor);
    ::close(descriptor);
}

void write_new_file(std::string const& file, std::span<std::byte const> bytes)
{
    std::filesystem::remove(file);
    int const descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    while (!bytes.empty()) {
        auto const written = ::write(descriptor, bytes.data(), bytes.size());
        if (written <= 0)
            throw std::runtime_error("a write by hand failed");
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    if (::fsync(descriptor) != 0)
        throw std::runtime_error("a sync by hand failed");
    ::close(descriptor);
}

int run_all(std::uint64_t keys, std::size_t rounds, std::string const& path)
{
    std::filesystem::create_directories(path);
    tide::keyed_state<key, std::int64_t> states(groups);
    plain_map map;
    std::mt19937_64 random(1);
    for (std::uint64_t i = 0; i < keys; ++i) {
        key const one = random();
        auto const hash = tide::key_hash(one);
        states.restore(tide::key_group(hash, groups), hash, one, {static_cast<std::int64_t>(i), 1});
        map[one] = {static_cast<std::int64_t>(i), 1};
    }
    for (std::size_t group = 0; group < groups; ++group)
        states.settle(group);
    auto const size = std::to_string(keys) + " keys, 24 bytes each";

    std::vector<std::byte> const bytes(keys * 24, std::byte{1});
    std::uint64_t sum = 0;
    benchmark::compare(
        {"a base in memory, with checksums", "a copy of as many bytes", 1 / 0.7, size}, static_cast<double>(keys),
        rounds,
        [&] {
            for (std::size_t group = 0; group < groups; ++group)
                sum += tide::checksum(packed(states, group), group);
        },
        [&] {
            for (std::size_t at = 0, group = 0; group < groups; at += states.size(group++) * 24) {
                std::vector<std::byte> const to(bytes.data() + at, bytes.data() + at + states.size(group) * 24);
                sum += static_cast<std::uint64_t>(to.back());
            }
        });

    auto opened =
        tide::journal::open(tide::any_storage(tide::local_directory(path + "/ours")), {.application = "full_base"});
    std::int64_t number = 0;
    benchmark::compare(
        {"a base, durable", "a Boost archive of an unordered_map", 1 / 50.0, size}, static_cast<double>(keys), rounds,
        [&] { commit(opened, states, ++number); }, [&] { save_by_boost(map, path + "/theirs"); });
    std::filesystem::remove(path + "/theirs");

    benchmark::direct_file raw(path + "/raw", bytes.size(), 4 * bytes.size());
    benchmark::compare(
        {"a base, durable", "a direct write of as many bytes over an old file", 1 / 0.75, size},
        static_cast<double>(keys), rounds, [&] { commit(opened, states, ++number); },
        [&] {
            raw.begin_again_at_end();
            raw.write();
        });
    benchmark::compare(
        {"a base, durable", "as many bytes through the page cache into a new file", 0.5, size},
        static_cast<double>(keys), rounds, [&] { commit(opened, states, ++number); },
        [&] { write_new_file(path + "/new", bytes); });
    std::printf("%llx\n", static_cast<unsigned long long>(sum)); // so that nothing is left out
    return states.size() == map.size() ? 0 : 1;
}

} // namespace

int main(int argc, char** argv)
{
    benchmark::new_folder const folder(argc, argv, 3, "full_base");
    return run_all(benchmark::argument(argc, argv, 1, 10'000'000), benchmark::argument(argc, argv, 2, 7),
                   folder.path());
}
