// SPDX-License-Identifier: BSL-1.0
//
// What a checkpoint's readers refuse though each checksum is right: bytes that a checkpoint of tidemark never has.

#include <tidemark/checkpoint/dataset_mark.hpp>
#include <tidemark/checkpoint/detail/block.hpp>
#include <tidemark/checkpoint/detail/bytes.hpp>
#include <tidemark/checkpoint/detail/commit_codec.hpp>
#include <tidemark/checkpoint/detail/file_header.hpp>
#include <tidemark/checkpoint/detail/state_file.hpp>
#include <tidemark/checkpoint/locked_checkpoint.hpp>
#include <tidemark/checkpoint/manifest.hpp>
#include <tidemark/checkpoint/snapshot_format.hpp>
#include <tidemark/core/error.hpp>
#include <tidemark/storage/checksum.hpp>
#include <tidemark/storage/memory_storage.hpp>

#include <checkpoint/journal_cases.hpp>
#include <support/catch.hpp>
#include <support/words_of.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace {

using namespace journal_cases;
using Catch::Matchers::Contains;
using tidemark::batch_time;
using tidemark::corrupt_checkpoint;
using tidemark::journal;
using tidemark::detail::block_reference;
using tidemark::detail::byte_reader;
using tidemark::detail::byte_writer;
using tidemark::detail::file_reference;
using tidemark::snapshot_format::block_kind;
using tidemark::snapshot_format::file_kind;

/// What `read` says is damaged; empty when it takes all.
template <typename Read>
std::string damage_in(Read const& read)
{
    return tidemark_test::words_of<corrupt_checkpoint>(read);
}

/// A checkpoint with one commit.
struct one_commit {
    one_commit()
    {
        auto opened = journal::open(storage, options());
        opened.log.commit(commit_of(1));
    }

    /// Its state file, which is to be as long as that.
    [[nodiscard]] auto state_file(std::uint64_t expected_bytes) const
    {
        auto const store = tidemark::decode_manifest(storage.read("manifest")).store_id;
        return tidemark::detail::state_file_reader(storage, file_reference{{1, 1}, expected_bytes}, store);
    }
    [[nodiscard]] std::string name() const { return names(storage, "state-").front(); }

    tidemark::any_storage storage{tidemark::memory_storage()};
};

/// A file header with another byte, and the checksum that this gives it.
bytes header_with(tidemark::detail::file_header const& header, std::size_t at, std::byte value)
{
    auto content = tidemark::detail::encode_file_header(header);
    content.at(at) = value;
    content.resize(content.size() - sizeof(std::uint64_t));
    byte_writer out;
    out.raw(content);
    out.number(tidemark::checksum(content, 0));
    return out.take();
}

/// A file of one block, with checksums that are right.
bytes file_of(file_kind file, block_kind kind)
{
    tidemark::detail::file_header header;
    header.kind = file;
    auto const seed = tidemark::detail::block_seed(header);
    byte_writer payload; // a list of no segments
    payload.number(std::uint64_t{0});
    payload.count(0);
    byte_writer out;
    out.raw(tidemark::detail::encode_file_header(header));
    tidemark::detail::put_block(out, kind, 0, payload.view(), seed);
    return out.take();
}

/// What is damaged in a commit of batch 5 whose only stage has this block, in one file of 1,000 bytes.
std::string damage_in_commit_with(block_reference const& block)
{
    auto record = commit_of(5);
    record.stages.resize(1);
    auto const payload = tidemark::detail::encode_commit(record, {file_reference{{1, 1}, 1000}}, {{block}});
    return damage_in([&] {
        (void)tidemark::detail::decode_commit(batch_time(5),
                                              tidemark::detail::located_bytes<std::span<std::byte const>>{
                                                  payload, "log", 0, tidemark::snapshot_format::version});
    });
}

} // namespace

TEST_CASE("a record has nothing behind its end", "[checkpoint][readers]")
{
    auto const three = bytes(3);
    byte_reader in(three, "log", 100);
    (void)in.raw(2);
    CHECK_THAT(damage_in([&] { in.expect_end(); }), Contains("log, offset 102: expected the end, found 1 more bytes"));
}

TEST_CASE("a count is no larger than what follows it can hold", "[checkpoint][readers]")
{
    byte_writer out;
    out.count(3);
    out.raw(bytes(20));
    auto const payload = out.take();
    auto const damage = [&](std::size_t least_bytes) {
        return damage_in([&] { (void)byte_reader(payload, "log", 0).count(least_bytes); });
    };
    CHECK(damage(6).empty());
    CHECK_THAT(damage(7), Contains("log, offset 4: expected at most 2 elements, found 3"));
}

TEST_CASE("a commit has each name once", "[checkpoint][readers]")
{
    for (bool const twice : {false, true}) {
        byte_writer out;
        out.count(2);
        for (auto const* name : {"here", twice ? "here" : "there"}) {
            out.text(name);
            out.blob(bytes(1));
        }
        auto const payload = out.take();
        byte_reader in(payload, "log", 0);
        auto const damage = damage_in([&] { (void)tidemark::detail::decode_named(in); });
        CHECK(damage.empty() == !twice);
        CHECK((!twice || damage.find("expected each name once, found here again") != std::string::npos));
    }
}

TEST_CASE("a commit has only bases and deltas, of its own files, and of batches up to its own", "[checkpoint][readers]")
{
    block_reference block;
    block.kind = block_kind::base;
    block.time = batch_time(5);
    CHECK(damage_in_commit_with(block).empty());
    SECTION("another file") { block.file = 1; }
    SECTION("a later batch") { block.time = batch_time(6); }
    SECTION("another kind") { block.kind = block_kind::plan; }
    CHECK_THAT(damage_in_commit_with(block), Contains("in one of 1 files, found kind"));
}

TEST_CASE("a block lies within its file", "[checkpoint][readers]")
{
    one_commit const made;
    auto const size = made.storage.size(made.name());
    auto const file = made.state_file(size);
    block_reference block;
    block.kind = block_kind::base;
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    for (auto const offset : {size + 1, size - 1, most}) {
        block.offset = offset;
        CHECK_THAT(damage_in([&] { (void)file.read(block); }), Contains("found the end of the file"));
    }
    block.offset = 0;
    block.length = most;
    CHECK_THAT(damage_in([&] { (void)file.read(block); }), Contains("found the end of the file"));
}

TEST_CASE("a state file is there, and at least as long as its commit says", "[checkpoint][readers]")
{
    one_commit made;
    auto const name = made.name();
    auto const size = made.storage.size(name);
    auto const damage = [&](std::uint64_t expected) { return damage_in([&] { (void)made.state_file(expected); }); };
    CHECK(damage(size).empty());
    CHECK_THAT(damage(size + 1), Contains(name + ", offset " + std::to_string(size) + ": expected "
                                          + std::to_string(size + 1) + " bytes or more"));
    made.storage.remove(name);
    CHECK_THAT(damage(size), Contains("found no file"));
}

TEST_CASE("a file header is refused by what is wrong in it, though its checksum is right", "[checkpoint][readers]")
{
    tidemark::detail::file_header header;
    header.kind = file_kind::log;
    header.application = "test";
    auto const damage = [&](std::size_t at, std::byte value) {
        return damage_in([&] { (void)tidemark::detail::decode_file_header(header_with(header, at, value), "log"); });
    };
    CHECK(damage(16, std::byte{1}).empty()); // its kind, which is for others to judge
    CHECK_THAT(damage(0, std::byte{'x'}), Contains("log, offset 0: expected "));
    CHECK_THAT(damage_in([] { (void)tidemark::detail::decode_file_header(bytes(10), "log"); }),
               Contains("expected a file header, found 10 bytes"));
    CHECK_THAT(damage(18, std::byte{1}), Contains("log, offset 18: expected 0, found 1"));
}

TEST_CASE("a manifest is told from other files, and its list from other blocks", "[checkpoint][readers]")
{
    auto const damage = [](file_kind file, block_kind block) {
        return damage_in([&] { (void)tidemark::decode_manifest(file_of(file, block)); });
    };
    CHECK(damage(file_kind::manifest, block_kind::segments).empty());
    CHECK_THAT(damage(file_kind::log, block_kind::segments), Contains("expected a manifest, found another kind"));
    CHECK_THAT(damage(file_kind::manifest, block_kind::commit), Contains("expected one sound list of segments"));
}

TEST_CASE("the mark of an rdd's checkpoint is told from other files, and its list from other blocks",
          "[checkpoint][readers]")
{
    auto const damage = [](file_kind file, block_kind block) {
        return damage_in([&] { (void)tidemark::decode_mark(file_of(file, block), "mark"); });
    };
    CHECK_THAT(damage(file_kind::manifest, block_kind::parts), Contains("expected the mark of an rdd's checkpoint"));
    CHECK_THAT(damage(file_kind::mark, block_kind::partitioning), Contains("expected a sound list of parts"));
}

TEST_CASE("a segment of the log under another one's name is told by its header", "[checkpoint][readers]")
{
    tidemark::any_storage const storage{tidemark::memory_storage()};
    {
        auto settings = options();
        settings.segment_bytes = 1; // each commit has a log file of its own
        auto opened = journal::open(storage, settings);
        opened.log.commit(commit_of(1));
        opened.log.commit(commit_of(2));
    }
    auto const logs = names(storage, "log-");
    put(storage, logs.at(1), storage.read(logs.at(0)));
    auto const found = tidemark::read_checkpoint(storage, "test");
    CHECK(found.commit == commit_of(1));
    CHECK(found.unusable_commits == 1);
    CHECK_THAT(text_of(found.notes), Contains("expected the log segment of that name, found another file"));
}

TEST_CASE("a copy that says it is one of itself does not lead a reader in a circle", "[checkpoint][readers]")
{
    tidemark::any_storage const storage{tidemark::memory_storage()};
    {
        auto opened = journal::open(storage, options());
        opened.log.commit(commit_of(1));
        opened.log.commit(commit_of(2));
    }
    (void)journal::open(storage, options()); // copies commit 2
    auto manifest = tidemark::decode_manifest(storage.read("manifest"));
    auto& last = manifest.segments.back();
    REQUIRE(last.first_sequence == manifest.proven_commit);
    last.resumed_from = last.first_sequence;
    put(storage, "manifest", tidemark::encode_manifest(manifest));
    storage.remove(names(storage, "log-").back());
    auto const found = tidemark::read_checkpoint(storage, "test");
    CHECK(found.commit == commit_of(2));
}
