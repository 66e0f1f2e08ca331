// SPDX-License-Identifier: BSL-1.0
//
// chunk.test: buffers, fillers, and chunks given to sinks that ask for single records.

#include <tidemark/expression/chunk.hpp>

#include <support/catch.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace {

using tidemark::chunk_records;

/// Takes chunks and notes their sizes.
struct chunk_taker {
    std::vector<std::size_t> sizes{};
    std::vector<int> records{};

    void operator()(int value) { records.push_back(value); }
    void chunk(std::span<int const> values)
    {
        sizes.push_back(values.size());
        records.insert(records.end(), values.begin(), values.end());
    }
    [[nodiscard]] bool done() const { return false; }
};

/// Takes single records, and only `limit` of them.
template <typename Record>
struct single_taker {
    std::size_t limit = std::numeric_limits<std::size_t>::max();
    std::vector<Record> records{};

    void operator()(Record const& value) { records.push_back(value); }
    [[nodiscard]] bool done() const { return records.size() >= limit; }
};

static_assert(tidemark::chunk_sink<chunk_taker, int>);
static_assert(!tidemark::chunk_sink<chunk_taker, std::string>);
static_assert(!tidemark::chunk_sink<single_taker<int>, int>);
static_assert(!tidemark::chunk_sink<single_taker<std::string>, std::string>);

// ---- Nobody carries a buffer who has no use for it
static_assert(std::is_empty_v<tidemark::chunk_buffer_for<std::string, int>>);
static_assert(std::is_empty_v<tidemark::chunk_buffer_for<int, std::string>>);
static_assert(!std::is_empty_v<tidemark::chunk_buffer_for<int, int>>);
static_assert(std::is_empty_v<tidemark::chunk_filler_for<int, single_taker<int>>>);

std::vector<int> counted(std::size_t to)
{
    std::vector<int> numbers(to);
    std::iota(numbers.begin(), numbers.end(), 0);
    return numbers;
}

} // namespace

TEST_CASE("a chunk goes whole to a sink that takes chunks", "[expression][chunk]")
{
    chunk_taker sink;
    std::vector<int> const numbers{3, 1, 2};
    tidemark::push_chunk(sink, std::span<int const>(numbers));
    CHECK(sink.sizes == std::vector<std::size_t>{3});
    CHECK(sink.records == numbers);
}

TEST_CASE("a chunk goes record by record to a sink that does not, until that is done", "[expression][chunk]")
{
    std::vector<int> const numbers{3, 1, 2};
    single_taker<int> all;
    tidemark::push_chunk(all, std::span<int const>(numbers));
    CHECK(all.records == numbers);

    single_taker<int> two{2};
    tidemark::push_chunk(two, std::span<int const>(numbers));
    CHECK(two.records == std::vector{3, 1});
}

TEST_CASE("a filler gives full chunks on, and the rest when it is flushed", "[expression][chunk]")
{
    auto const numbers = counted(2 * chunk_records + 5);
    chunk_taker sink;
    tidemark::chunk_filler_for<int, chunk_taker> filler;
    for (int number : numbers)
        filler.push(sink, number);
    CHECK(sink.sizes == std::vector<std::size_t>{chunk_records, chunk_records});
    filler.flush(sink);
    filler.flush(sink);
    CHECK(sink.sizes == std::vector<std::size_t>{chunk_records, chunk_records, 5});
    CHECK(sink.records == numbers);
}

TEST_CASE("a filler for a sink of single records passes them at once", "[expression][chunk]")
{
    single_taker<int> sink{1};
    tidemark::chunk_filler_for<int, single_taker<int>> filler;
    CHECK_FALSE(filler.done(sink));
    filler.push(sink, 7);
    CHECK(sink.records == std::vector{7});
    CHECK(filler.done(sink));
    filler.flush(sink);
    CHECK(sink.records == std::vector{7});
}

TEST_CASE("the room of a chunk is aligned for its records and has a place for each", "[expression][chunk]")
{
    struct alignas(64) wide {
        std::int64_t value;
    };
    tidemark::chunk_buffer<wide> buffer;
    auto* const room = buffer.data();
    CHECK(reinterpret_cast<std::uintptr_t>(room) % 64 == 0);
    for (std::size_t i = 0; i < chunk_records; ++i)
        std::construct_at(room + i, wide{static_cast<std::int64_t>(i)});
    CHECK(room[chunk_records - 1].value == static_cast<std::int64_t>(chunk_records - 1));
    CHECK(buffer.data() == room);
}
