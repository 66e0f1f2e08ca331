// SPDX-License-Identifier: BSL-1.0
//
// allocations.test: a key that is a string and known already costs no allocation for each of its records.

#include <tidemark/core/key_hash.hpp>
#include <tidemark/execution/exchange.hpp>
#include <tidemark/operators.hpp>
#include <tidemark/rdd.hpp>
#include <tidemark/state/keyed_state.hpp>

#include <support/catch.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The thread sanitizer has an operator new of its own, and takes no other.
#if defined(__SANITIZE_THREAD__)
#define TIDEMARK_TEST_COUNTS_ALLOCATIONS 0
#elif defined(__has_feature)
#define TIDEMARK_TEST_COUNTS_ALLOCATIONS !__has_feature(thread_sanitizer)
#else
#define TIDEMARK_TEST_COUNTS_ALLOCATIONS 1
#endif

#if !TIDEMARK_TEST_COUNTS_ALLOCATIONS
TEST_CASE("allocations are counted without the thread sanitizer only", "[laws][allocations]")
{
    WARN("skipped: the thread sanitizer takes no other operator new");
}
#else

namespace {

std::atomic<std::size_t> allocations{0}; // of the whole program

} // namespace

void* operator new(std::size_t bytes)
{
    ++allocations;
    if (auto* const memory = std::malloc(bytes))
        return memory;
    throw std::bad_alloc();
}
void* operator new(std::size_t bytes, std::nothrow_t const&) noexcept
{
    ++allocations;
    return std::malloc(bytes);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

template <typename Work>
std::size_t allocations_of(Work const& work)
{
    auto const before = allocations.load();
    work();
    return allocations - before;
}

constexpr std::int64_t records = 100'000;
constexpr std::int64_t keys = 100;

/// Of the keys, by number; none has a short form.
std::vector<std::string> const& names()
{
    static std::vector<std::string> const all = [] {
        std::vector<std::string> made;
        for (std::int64_t i = 0; i < keys; ++i)
            made.push_back("the name of a key that has no short form " + std::to_string(i));
        return made;
    }();
    return all;
}

} // namespace

TEST_CASE("a state is found by a string without an allocation", "[laws][allocations]")
{
    tidemark::keyed_state<std::string, std::int64_t> states(1);
    auto const count = [&](std::int64_t batch) {
        std::vector<tidemark::travelling<std::string, std::int64_t>> arrived;
        for (std::int64_t i = 0; i < records; ++i) {
            auto const& name = names()[static_cast<std::size_t>(i % keys)];
            arrived.push_back({tidemark::key_hash(name), name, 1});
        }
        return allocations_of([&] {
            states.track<std::int64_t>(
                0, std::span(arrived), batch, false,
                [](std::string const&, std::optional<std::int64_t> value, tidemark::state<std::int64_t>& held) {
                    held.update(held.get_option().value_or(0) + *value);
                    return 0;
                },
                [](int) {});
            states.finish(0);
            states.settle(0);
        });
    };
    (void)count(1);
    CHECK(count(2) < 100);
}

TEST_CASE("a string is made of a view only where its key is new", "[laws][allocations]")
{
    auto const pairs = tidemark::rdd_context(1).range(0, records, 1, 2) | tidemark::map([](std::int64_t x) {
                           return std::pair<std::string_view, int>(names()[static_cast<std::size_t>(x % keys)], 1);
                       });
    auto const sums = pairs | tidemark::reduce_by_key(std::plus<>{});
    std::int64_t found = 0;
    auto const used = allocations_of([&] { found = sums | tidemark::count_records(); });
    CHECK(found == keys);
    CHECK(used < 20 * keys); // for both partitions, and a few places that keys share
}

#endif
