// SPDX-License-Identifier: BSL-1.0
//
// A log segment that was filled with zeros before records came: how it ends, and what a loss of power makes of its end.

#include <tidemark/checkpoint/detail/block.hpp>
#include <tidemark/checkpoint/detail/block_scan.hpp>
#include <tidemark/checkpoint/locked_checkpoint.hpp>
#include <tidemark/storage/checksum.hpp>
#include <tidemark/storage/fault_plan.hpp>
#include <tidemark/storage/faulty_storage.hpp>
#include <tidemark/storage/local_directory.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/storage/storage.hpp>

#include <checkpoint/journal_cases.hpp>
#include <support/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include <stdlib.h>

namespace {

using namespace journal_cases;
using tidemark::any_storage;
using tidemark::journal;
using tidemark::storage_operation;

constexpr std::uint64_t room = 3000;

tidemark::journal_options with_room()
{
    auto made = options();
    made.log_room_bytes = room;
    return made;
}

/// How long the log's last segment is without the zeros at its end.
std::size_t content_of(bytes const& segment)
{
    auto size = segment.size();
    while (size != 0 && segment[size - 1] == std::byte{})
        --size;
    return size;
}

bytes with_zeros(bytes content, std::size_t from, std::size_t to)
{
    std::fill(content.begin() + static_cast<std::ptrdiff_t>(from), content.begin() + static_cast<std::ptrdiff_t>(to),
              std::byte{});
    return content;
}

/// Where the last record of a segment begins, by a walk from the front.
std::size_t last_record(bytes const& segment)
{
    std::size_t last = 0;
    for (std::size_t at = 0; at + 4 <= segment.size(); ++at)
        if (std::string(reinterpret_cast<char const*>(segment.data()) + at, 4) == "TDMK")
            last = at;
    return last;
}

/// A commit whose record takes several sectors.
tidemark::commit_record long_commit(std::int64_t n)
{
    auto record = commit_of(n);
    record.positions["numbers"] = repeated(n, 1800);
    return record;
}

} // namespace

TEST_CASE("records that come into the room make the file no longer", "[checkpoint][log_room]")
{
    auto pattern = (std::filesystem::temp_directory_path() / "tidemark-room-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    for (auto const& storage :
         {any_storage(tidemark::memory_storage()), any_storage(tidemark::local_directory(pattern))}) {
        auto opened = journal::open(storage, with_room());
        std::set<std::uint64_t> sizes;
        std::size_t content = 0;
        for (std::int64_t n = 1; n <= 100; ++n) {
            auto const name = names(storage, "log-").back();
            auto const before = storage.size(name);
            opened.log.plan(plan_of(n), true);
            CHECK(storage.size(name) == before); // what makes room is another sync than that of a record
            opened.log.commit(commit_of(n));
            sizes.insert(storage.size(name));
            auto const now = content_of(storage.read(name));
            CHECK(now > content);
            CHECK(storage.size(name) > now + room / 3);
            content = now;
        }
        CHECK(content > 10 * room);
        CHECK(sizes.size() < 10);
        CHECK(tidemark::read_checkpoint(storage, "test").commit == commit_of(100));
        CHECK(tidemark::read_checkpoint(storage, "test").notes.empty());
    }
    std::error_code ignored;
    std::filesystem::remove_all(pattern, ignored);
}

TEST_CASE("a restart goes on behind a segment that ends in zeros, and without a word of it", "[checkpoint][log_room]")
{
    tidemark::memory_storage const disk;
    for (std::int64_t n = 1; n <= 6; ++n) {
        auto opened = journal::open(disk, with_room());
        CHECK(text_of(opened.state.notes).find("offset") == std::string::npos);
        CHECK(opened.state.records_dropped == 0);
        opened.log.plan(plan_of(n), true);
        if (n % 2 == 0)
            opened.log.commit(commit_of(n));
    }
    auto const state = tidemark::read_checkpoint(disk, "test");
    CHECK(state.commit == commit_of(6));
    CHECK(state.notes.empty());
}

TEST_CASE("a record of which a loss of power kept some sectors is cut short, not damage",
          "[checkpoint][log_room][damage]")
{
    tidemark::memory_storage const disk;
    auto opened = journal::open(disk, with_room());
    opened.log.commit(long_commit(1));
    opened.log.commit(long_commit(2));
    auto const name = names(disk, "log-").back();
    auto const whole = disk.read(name);
    auto const begin = last_record(whole);
    auto const end = content_of(whole);
    constexpr std::size_t sector = 512;
    REQUIRE(end / sector > begin / sector + 2);
    auto const found_with = [&](bytes const& content) {
        disk.put(name, content);
        return tidemark::read_checkpoint(disk, "test");
    };
    SECTION("its first ones, or any others")
    {
        for (auto first = begin / sector; first <= (end - 1) / sector; ++first)
            for (auto last = first; last <= (end - 1) / sector; ++last) {
                auto const from = std::max(begin, first * sector);
                auto const to = std::min(whole.size(), (last + 1) * sector);
                if (to >= end && end - from < 16)
                    continue; // the last bytes of a commit are zeros anyhow
                auto const found = found_with(with_zeros(whole, from, to));
                CHECK(found.commit == long_commit(1));
                CHECK(found.records_dropped == 0);
                bool const is_gone = from == begin && to >= end;
                CHECK((text_of(found.notes).find("cut short") == std::string::npos) == is_gone);
                CHECK(text_of(found.notes).find("other bytes") == std::string::npos);
            }
    }
    SECTION("but one with a wrong bit is damaged")
    {
        for (std::size_t bit = begin * 8; bit < end * 8; bit += 7) {
            auto const found = found_with(flipped(whole, bit));
            CHECK(found.commit == long_commit(1));
            CHECK(found.records_dropped == 1);
        }
    }
    SECTION("and a sector that is missing before another record is damage, too")
    {
        opened.log.plan(plan_of(3), true);
        auto const longer = disk.read(name);
        auto const found = found_with(with_zeros(longer, (begin / sector + 1) * sector, (begin / sector + 2) * sector));
        CHECK(found.commit == long_commit(1));
        CHECK(found.records_dropped == 1);
    }
}

TEST_CASE("where no room can be made, the log goes on as far as there is space", "[checkpoint][log_room]")
{
    tidemark::memory_storage const disk;
    tidemark::fault_plan const plan;
    any_storage const storage(tidemark::faulty_storage(disk, plan));
    plan.fail(storage_operation::append, 1); // behind the header
    auto opened = journal::open(storage, with_room());
    opened.log.commit(commit_of(1));
    opened.log.plan(plan_of(2), true);
    CHECK(names(disk, "log-").size() == 1);
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        auto const state = tidemark::read_checkpoint(disk.crash(seed), "test");
        CHECK(state.commit == commit_of(1));
        CHECK(state.plans == std::vector{plan_of(2)});
    }
}

TEST_CASE("a savepoint of a commit in a segment with room is as any other", "[checkpoint][log_room]")
{
    tidemark::memory_storage const disk;
    auto opened = journal::open(disk, with_room());
    opened.log.commit(commit_of(1));
    CHECK(opened.log.save("one") == tidemark::batch_time(1));
}

TEST_CASE("only a log may end in zeros", "[checkpoint][log_room][damage]")
{
    namespace detail = tidemark::detail;
    detail::block_header header;
    header.kind = tidemark::snapshot_format::block_kind::plan;
    header.sequence = 1;
    header.payload_checksum = tidemark::checksum({}, 5);
    auto content = detail::encode_block_header(header, 5);
    content.resize(content.size() + 100);
    CHECK(detail::scan_blocks(content, 0, 5, detail::file_end::zeros).damages.empty());
    CHECK(detail::scan_blocks(content, 0, 5, detail::file_end::exact).damages.size() == 1);
}
