// SPDX-License-Identifier: BSL-1.0
//
// copies.test: records that do not travel in chunks move through each operator, and none is copied without need.
//
// The sources make their records, so nothing has to stay behind. Of each operator is said how often it may move a record
// and why; where a row grows without knowing its length, that is one move for what is put into it, and less than one for
// what has to make room (lengths are powers of two, so that a vector that doubles has moved each record at most once).

#include <tidemark/operators.hpp>
#include <tidemark/rdd.hpp>
#include <tidemark/storage/memory_storage.hpp>
#include <tidemark/stream.hpp>
#include <tidemark/testing/batch_source.hpp>
#include <tidemark/testing/driver.hpp>
#include <tidemark/time/literals.hpp>

#include <support/catch.hpp>
#include <support/records.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <iterator>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

namespace {

/// Too large for a chunk, and not trivial: counts what is done to it.
struct cargo {
    int number = 0;
    std::array<int, 24> rest{};

    cargo() = default;
    explicit cargo(int which)
        : number(which)
    {}
    cargo(cargo const& other)
        : number(other.number)
        , rest(other.rest)
    {
        ++copies;
    }
    cargo(cargo&& other) noexcept
        : number(std::exchange(other.number, -1))
        , rest(other.rest)
    {
        ++moves;
    }
    cargo& operator=(cargo const& other)
    {
        number = other.number;
        rest = other.rest;
        ++copies;
        return *this;
    }
    cargo& operator=(cargo&& other) noexcept
    {
        number = std::exchange(other.number, -1);
        rest = other.rest;
        ++moves;
        return *this;
    }
    ~cargo() = default;

    template <typename Archive>
    void serialize(Archive& archive, unsigned)
    {
        archive & number;
    }

    friend bool operator==(cargo const& one, cargo const& other) { return one.number == other.number; }
    friend std::uint64_t tidemark_key_hash(cargo const& each) { return tidemark::key_hash(each.number); }

    static inline std::atomic<std::int64_t> copies{0};
    static inline std::atomic<std::int64_t> moves{0};
};
static_assert(!tidemark::chunkable<cargo>);

/// Copies, and moves for each record.
struct costs {
    std::int64_t copies;
    double moves;
};

template <typename Work>
costs costs_of(std::int64_t records, Work const& work)
{
    cargo::copies = 0;
    cargo::moves = 0;
    work();
    return {cargo::copies, static_cast<double>(cargo::moves) / static_cast<double>(records)};
}

constexpr int size = 4096; // in four partitions of 1024
constexpr int keys = 64;   // where there are few

/// What counting the records of `rdd` costs, which holds none of them.
template <typename Rdd>
costs costs_of(Rdd const& rdd, std::int64_t records = size)
{
    std::int64_t left = 0;
    auto const cost = costs_of(records, [&] { left = rdd | tidemark::count_records(); });
    CHECK(left > 0);
    return cost;
}

void check(costs const& cost, double moves)
{
    CHECK(cost.copies == 0);
    CHECK(cost.moves <= moves);
}

auto numbers() { return tidemark::rdd_context(1).range(0, size, 1, 4); }
auto made()
{
    return numbers() | tidemark::map([](std::int64_t x) { return cargo(static_cast<int>(x)); });
}
/// Made where they stand, since a pair that is made of a record has moved it.
auto pairs()
{
    return numbers() | tidemark::map([](std::int64_t x) {
               auto const number = static_cast<int>(x);
               return std::pair<int, cargo>(std::piecewise_construct, std::tuple(number), std::tuple(number));
           });
}
auto few()
{
    return numbers() | tidemark::map([](std::int64_t x) {
               auto const number = static_cast<int>(x);
               return std::pair<int, cargo>(std::piecewise_construct, std::tuple(number % keys), std::tuple(number));
           });
}

constexpr auto is_even = [](cargo const& each) { return each.number % 2 == 0; };
constexpr auto both = [](cargo const& one, cargo const& other) { return cargo(one.number + other.number); };
/// Takes what it has given before, and moves it twice: into its argument and out of it.
constexpr auto into_first = [](cargo sum, cargo const& next) {
    sum.number += next.number;
    return sum;
};

} // namespace

TEST_CASE("a record passes narrow steps where it stands, unless a step puts it into another one", "[laws][copies]")
{
    check(costs_of(made()), 0);
    check(costs_of(pairs()), 0);
    check(costs_of(made() | tidemark::filter(is_even)), 0);
    check(costs_of(made() | tidemark::filter(tidemark::speculative([](cargo const&) noexcept { return true; }))), 0);
    check(costs_of(made() | tidemark::map([](cargo const& each) { return cargo(each.number + 1); })
                   | tidemark::filter(is_even)),
          0);
    check(costs_of(made() | tidemark::sample(1.0, 42)), 0);
    check(costs_of(made() | tidemark::coalesce(2)), 0);
    check(costs_of(made() | tidemark::union_(made()), 2 * size), 0);
    check(costs_of(tidemark::union_all(std::vector{made(), made()}), 2 * size), 0);
    check(costs_of(tidemark::rdd<cargo>(made())), 0);

    // elements of a range that flat_map owns, and what an optional holds
    check(costs_of(numbers() | tidemark::flat_map([](std::int64_t x) {
                       return std::vector<cargo>(static_cast<std::size_t>(1 + x % 2));
                   }),
                   size + size / 2),
          0);
    check(costs_of(numbers() | tidemark::flat_map([](std::int64_t x) {
                       return std::optional<cargo>(std::in_place, static_cast<int>(x));
                   })),
          0);

    // into a pair: one move, of the record, or of the value that a function gives
    check(costs_of(made() | tidemark::key_by(&cargo::number)), 1);
    check(costs_of(made() | tidemark::zip_with_unique_id()), 1);
    check(costs_of(made() | tidemark::zip_with_index()), 1);
    check(costs_of(pairs() | tidemark::map_values([](cargo const& each) { return cargo(each.number + 1); })), 1);
    check(costs_of(pairs() | tidemark::flat_map_values([](cargo const& each) {
                       return std::optional<cargo>(std::in_place, each.number + 1);
                   })),
          1);

    // into a row, which grows
    check(costs_of(made() | tidemark::map_partitions([](auto part) { return part; })), 2);
    check(costs_of(made() | tidemark::map_partitions_with_index([](std::size_t, auto part) { return part; })), 2);
    check(costs_of(made() | tidemark::glom()), 2);
    check(costs_of(made() | tidemark::persist()), 2);
    check(costs_of(made() | tidemark::zip(made()), 2 * size), 2); // those of the first side, and then all into pairs
}

TEST_CASE("a record that crosses an exchange is never copied", "[laws][copies]")
{
    // on its way: into the sender's row, which grows, and from there by group
    constexpr double sent = 3;
    check(costs_of(pairs() | tidemark::partition_by(tidemark::hash_partitioner(3))), sent + 1); // a row of known length
    check(costs_of(pairs() | tidemark::group_by_key()), sent + 1);                              // the vector of its key
    check(costs_of(few() | tidemark::group_by_key()), sent + 2);                                // which grows
    check(costs_of(pairs() | tidemark::cogroup(pairs()), 2 * size), sent + 1);

    // out of `create`; into a row that grows, now of any length, so that it may move what it holds twice
    constexpr double received = 3;
    check(costs_of(pairs() | tidemark::reduce_by_key(both)), sent + 1 + received);
    // out of `create`, then assigned; 64 keys from each partition count for little
    check(costs_of(few() | tidemark::reduce_by_key(both)), sent + 2.1);
    check(costs_of(few() | tidemark::reduce_by_key(into_first)), sent + 4.1);
    // into the function, out of it, assigned: all in the sender's partition; then 256 results travel
    check(costs_of(few()
                   | tidemark::combine_by_key([](cargo&& first) { return std::move(first); }, into_first, into_first)),
          3.3);

    // into a pair, of which it is the key
    check(costs_of(made() | tidemark::distinct()), 1 + sent + received);
    check(costs_of(made() | tidemark::count_by_value()), 1 + sent + received);
    check(costs_of(made() | tidemark::intersection(made()), 2 * size), 1 + sent + received / 2);
    check(costs_of(made() | tidemark::subtract(made() | tidemark::filter(is_even)), 2 * size),
          (1 + sent) * 0.75 + received / 2);

    // where it stands in one record: out of the table, into a pair of values, and with that into the pair of the result
    check(costs_of(pairs() | tidemark::join(pairs()), 2 * size), sent + 2 + received);
    check(costs_of(pairs() | tidemark::left_outer_join(pairs()), 2 * size), sent + 2 + received);
    check(costs_of(pairs() | tidemark::right_outer_join(pairs()), 2 * size), sent + 2 + received);
    check(costs_of(pairs() | tidemark::full_outer_join(pairs()), 2 * size), sent + 2 + received);
    check(costs_of(pairs() | tidemark::subtract_by_key(pairs() | tidemark::filter([](auto const& each) {
                                                           return each.first % 2 == 0;
                                                       })),
                   2 * size),
          sent * 0.75 + received / 4);
}

TEST_CASE("repartition, sort_by and what ends a computation move a record a few times", "[laws][copies]")
{
    check(costs_of(made() | tidemark::repartition(3)), 3); // a row that grows, and the one of its slice
    // a row that grows, sorted by the places of its records, then the row of its partition
    check(costs_of(made() | tidemark::sort_by([](cargo const& each) { return -each.number; })), 4);
    check(costs_of(pairs() | tidemark::sort_by_key()), 4);

    auto const cost = [](auto const& action) { return costs_of(size, action); };
    check(cost([] { CHECK((made() | tidemark::collect()).size() == size); }), 3); // of a partition, then of all
    check(cost([] { CHECK((made() | tidemark::take(size)).size() == size); }), 2);
    check(cost([] { (void)(made() | tidemark::for_each([](cargo const&) {})); }), 0);
    check(cost([] {
              CHECK((made()
                     | tidemark::aggregate_records(
                         0, [](int count, cargo const&) { return count + 1; }, std::plus<>{}))
                    == size);
          }),
          0);
    // each result is assigned; few more for the partitions
    check(cost([] { CHECK((made() | tidemark::reduce_records(both)).has_value()); }), 1.01);
    check(cost([] { CHECK((made() | tidemark::reduce_records(into_first)).has_value()); }), 3.01);
    check(costs_of(made() | tidemark::reduce(into_first)), 3.01);

    // what is kept is read, not moved
    auto const kept = made() | tidemark::cache();
    check(costs_of(kept), 2);
    check(costs_of(kept | tidemark::filter(is_even)), 0);
}

TEST_CASE("a record is copied where it is needed twice, and no more than that", "[laws][copies]")
{
    // an rdd that holds its records, kept or given, is read more than once
    auto const kept = made() | tidemark::cache();
    CHECK(costs_of(size, [&] { CHECK((kept | tidemark::collect()).size() == size); }).copies == size);
    CHECK(costs_of(size, [&] { CHECK((kept | tidemark::count_records()) == size); }).copies == 0);
    auto const given = tidemark::rdd_context(1).parallelize(made() | tidemark::collect(), 4);
    CHECK(costs_of(size, [&] { (void)(given | tidemark::filter(is_even) | tidemark::collect()); }).copies == size / 2);
    CHECK(costs_of(size, [&] { (void)(given | tidemark::repartition(2) | tidemark::count_records()); }).copies == size);

    // a table that is kept gives what it holds to a collection of its own
    auto const distinct = made() | tidemark::distinct();
    CHECK(costs_of(size, [&] { CHECK((distinct | tidemark::collect()).size() == size); }).copies == size);
    auto const rest = made() | tidemark::subtract(made() | tidemark::filter(is_even));
    CHECK(costs_of(size, [&] { CHECK((rest | tidemark::collect()).size() == size / 2); }).copies == size / 2);

    // every pair of a cartesian product has one of its own
    auto const ten = tidemark::rdd_context(1).range(0, 10, 1, 1);
    CHECK(costs_of(size, [&] { CHECK((made() | tidemark::cartesian(ten) | tidemark::count_records()) == 10 * size); })
              .copies
          == 10 * size);
    // each further time that a sample takes it
    auto const sampled = made() | tidemark::sample_with_replacement(1.0, 42);
    auto const taken = sampled | tidemark::count_records();
    auto const once = sampled | tidemark::map(&cargo::number) | tidemark::distinct() | tidemark::count_records();
    CHECK(taken > once);
    CHECK(costs_of(size, [&] { CHECK(std::ssize(sampled | tidemark::collect()) == taken); }).copies == taken - once);
    // a value that stands in two records
    auto const twice = pairs() | tidemark::join(pairs() | tidemark::union_(pairs()));
    CHECK(costs_of(size, [&] { CHECK((twice | tidemark::count_records()) == 2 * size); }).copies == size);
}

namespace {

using namespace tidemark::literals;

constexpr std::int64_t batches = 8;
constexpr std::int64_t in_batch = 1024; // in two partitions

/// What a record costs in `batches` batches of a stream of the records that `make` gives, each counted by an output.
template <typename Context, typename Make, typename Build>
costs stream_costs(Context const& context, Make const& make, Build const& build)
{
    tidemark::testing::batches<int> input(batches, tidemark_test::counted(in_batch));
    tidemark::testing::optional_batches<int> const list(input.begin(), input.end());
    auto stream = build(context.source_stream(tidemark::testing::batch_source<int>(list, 2)) | tidemark::map(make));
    std::int64_t seen = 0;
    tidemark::testing::driver run(
        context.application(std::move(stream) | tidemark::foreach_rdd([&seen](auto const& rdd, tidemark::batch_time) {
                                seen += rdd | tidemark::count_records();
                            })));
    run.start();
    auto const cost = costs_of(batches * in_batch, [&] { run.run_to(tidemark::batch_time(batches * 1000)); });
    CHECK(seen > 0);
    return cost;
}

tidemark::settings const small{.partitions = 2, .key_groups = 4, .threads = 1};

auto plain() { return tidemark::streaming_context(1_s, small); }
auto checkpointed()
{
    return tidemark::streaming_context(1_s, tidemark::checkpoint_directory(tidemark::memory_storage()), small);
}

constexpr auto one = [](int x) { return cargo(x); };
constexpr auto by_number = [](int x) {
    return std::pair<int, cargo>(std::piecewise_construct, std::tuple(x), std::tuple(x));
};
constexpr auto as_it_is = [](auto stream) { return stream; };

int last_of(int, std::optional<cargo> value, tidemark::state<cargo>& state)
{
    state.update(*std::move(value));
    return 0;
}
cargo passed_on(int, std::optional<cargo> value, tidemark::state<int>& state)
{
    state.update(value->number);
    return *std::move(value);
}
std::optional<int> how_many(std::vector<cargo> const& values, std::optional<int> before)
{
    return before.value_or(0) + static_cast<int>(values.size());
}

} // namespace

TEST_CASE("batches and windows of a stream copy no record", "[laws][copies]")
{
    check(stream_costs(plain(), one, as_it_is), 0);
    check(stream_costs(plain(), one, [](auto stream) { return tidemark::dstream<cargo>(stream); }), 0);
    check(stream_costs(plain(), one,
                       [](auto stream) {
                           return stream | tidemark::transform([](auto const& rdd) {
                                      return rdd | tidemark::filter([](cargo const&) { return true; });
                                  });
                       }),
          0);
    check(stream_costs(plain(), one, [](auto stream) { return stream | tidemark::union_(stream); }), 0);
    // a row that grows, whatever the number of windows that it stands in
    check(stream_costs(plain(), one, [](auto stream) { return stream | tidemark::cache(); }), 2);
    check(stream_costs(plain(), one, [](auto stream) { return stream | tidemark::window(4_s); }), 2);
    check(stream_costs(plain(), one, [](auto stream) { return stream | tidemark::window(4_s, 2_s); }), 2);
    check(stream_costs(checkpointed(), one, as_it_is), 0);
    check(stream_costs(checkpointed(), one, [](auto stream) { return stream | tidemark::window(4_s); }), 2);
    // through an exchange, as on an rdd
    check(stream_costs(plain(), by_number, [](auto stream) { return stream | tidemark::reduce_by_key(both); }), 7);
}

TEST_CASE("a window copies what it gives, and what it keeps beside the batch", "[laws][copies]")
{
    auto const with = [](auto const& step) { return [step](auto stream) { return stream | step; }; };
    constexpr std::int64_t records = batches * in_batch;
    constexpr std::int64_t in_windows = (1 + 2 + 3 + 4 * (batches - 3)) * in_batch;

    // the sums of two partitions and some batches
    CHECK(stream_costs(plain(), one, with(tidemark::reduce_by_window(both, 4_s))).copies < 10 * batches);
    CHECK(stream_costs(checkpointed(), one, with(tidemark::count_by_window(4_s))).copies == 0);
    // out of the table that joins a batch, then into each window
    CHECK(stream_costs(plain(), by_number, with(tidemark::group_by_key_and_window(4_s))).copies
          == records + in_windows);
    // out of that table, into the values of its key, into the result, and of each fourth one into a sum that begins
    CHECK(stream_costs(plain(), by_number, with(tidemark::reduce_by_key_and_window(both, 4_s))).copies
          < records * 7 / 2);
}

TEST_CASE("a state is copied only to be put back where its batch fails", "[laws][copies]")
{
    // three through an exchange, into an optional and with it into the argument, out of the function, and into a row
    // that grows
    check(stream_costs(
              checkpointed(), by_number,
              [](auto pairs) { return pairs | tidemark::map_with_state<"last">(tidemark::state_spec(passed_on)); }),
          9);
    // through the exchange, and into the vector of its key
    check(stream_costs(checkpointed(), by_number,
                       [](auto pairs) { return pairs | tidemark::update_state_by_key<"many">(how_many); }),
          4);
    // every batch but the first finds a state of each key, and keeps it until it has ended
    auto const cost = stream_costs(checkpointed(), by_number, [](auto pairs) {
        return pairs | tidemark::map_with_state<"last">(tidemark::state_spec(last_of));
    });
    CHECK(cost.copies == (batches - 1) * in_batch);
}
