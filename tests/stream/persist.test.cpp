// SPDX-License-Identifier: BSL-1.0
//
// persist.test: persist on streams, and which wide dependencies of a stream or rdd are protected.

#include <tidemark/testing.hpp>
#include <tidemark/tidemark.hpp>

#include <support/catch.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using namespace tidemark;
using namespace tidemark::literals;
namespace hana = boost::hana;

[[maybe_unused]] auto const sum = [](int a, int b) { return a + b; };
[[maybe_unused]] auto const keyed_by_parity = [](int x) { return std::pair(x % 2, x); };
[[maybe_unused]] auto const keep = [](std::vector<int> const& values, std::optional<int> state) -> std::optional<int> {
    return values.empty() ? state : values.back();
};

auto numbers_of(std::shared_ptr<std::atomic<int>> calls)
{
    return map([calls = std::move(calls)](int x) {
        ++*calls;
        return x;
    });
}

[[maybe_unused]] auto checkpointed_context() { return streaming_context(1_s, checkpoint_directory(memory_storage())); }

using plain = decltype(rdd_context().parallelize(std::vector<int>(), 1) | map(keyed_by_parity) | reduce_by_key(sum));
using saved = decltype(rdd_context(1, checkpoint_directory(memory_storage())).parallelize(std::vector<int>(), 1)
                       | map(keyed_by_parity) | reduce_by_key(sum) | checkpoint());
using after = decltype(std::declval<saved>() | map_values([](int x) { return x; }) | reduce_by_key(sum));
using local = decltype(std::declval<plain>() | local_checkpoint());
using kept = decltype(std::declval<plain>() | persist());
static_assert(std::is_same_v<unprotected_wide_t<plain>, hana::tuple<wide_dependency<plain>>>);
static_assert(std::is_same_v<unprotected_wide_t<saved>, hana::tuple<>>);
static_assert(std::is_same_v<unprotected_wide_t<after>, hana::tuple<wide_dependency<after>>>);
static_assert(std::is_same_v<unprotected_wide_t<local>, unprotected_wide_t<plain>>);
static_assert(std::is_same_v<unprotected_wide_t<kept>, unprotected_wide_t<plain>>);
static_assert(wide_dependency<plain>::name == "reduce_by_key");
static_assert(!is_protected_v<plain>);
static_assert(is_protected_v<saved>);
static_assert(is_protected_v<decltype(std::declval<saved>() | map_values([](int x) { return x; }))>);
static_assert(!is_protected_v<decltype(std::declval<saved>() | union_(std::declval<plain>()))>);

using pairs = decltype(checkpointed_context().source_stream(testing::batch_source<int>({})) | map(keyed_by_parity)
                       | reduce_by_key(sum));
static_assert(!is_protected_v<pairs>);
static_assert(is_protected_v<decltype(std::declval<pairs>() | checkpoint_every(10_s))>);
static_assert(is_protected_v<decltype(std::declval<pairs>() | update_state_by_key(keep))>);

} // namespace

TEST_CASE("a persisted stream computes each batch once, whoever reads it", "[stream][persist]")
{
    testing::batches<int> const batches{{1, 2}, {}, {3}};
    auto const calls = std::make_shared<std::atomic<int>>(0);
    auto const results = testing::run_batches<int>(batches, [calls](auto numbers) {
        auto const shared = numbers | numbers_of(calls) | persist();
        return shared | union_(shared | map([](int x) { return 10 * x; }));
    });
    CHECK(results == testing::batches<int>{{1, 2, 10, 20}, {}, {3, 30}});
    CHECK(calls->load() == 3);
}

TEST_CASE("every level gives the same batches on a stream", "[stream][persist]")
{
    testing::batches<int> const batches{{1, 2, 3}, {}, {4}};
    auto const check = [&](auto level) {
        CHECK(testing::run_batches<int>(batches, [level](auto numbers) { return numbers | persist(level); })
              == batches);
    };
    check(storage_level::none);
    check(storage_level::memory_only);
    check(storage_level::memory_only_ser);
    check(storage_level::memory_and_disk);
    check(storage_level::memory_and_disk_ser);
    check(storage_level::disk_only);
    using stream = decltype(checkpointed_context().source_stream(testing::batch_source<int>({})) | cache());
    static_assert(stream::level_type::value == decltype(storage_level::memory_only_ser)::value);
}
