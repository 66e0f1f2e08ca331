// SPDX-License-Identifier: BSL-1.0
//
// owner.test: when an owned object goes, and who owns it then.

#include <tidemark/core/owner.hpp>

#include <support/catch.hpp>

#include <type_traits>
#include <utility>

namespace owner_test {

using tidemark::make_owner;
using tidemark::owner;

struct counted {
    explicit counted(int& alive)
        : living(alive)
    {
        ++living;
    }
    counted(counted const&) = delete;
    counted& operator=(counted const&) = delete;
    virtual ~counted() { --living; }

    int& living;
};

struct derived final : counted {
    derived(int& alive, int some)
        : counted(alive)
        , number(some)
    {}

    int number;
};

struct noting {
    void operator()(int* number) const noexcept { *number = -1; }
};

static_assert(!std::is_copy_constructible_v<owner<int>> && !std::is_copy_assignable_v<owner<int>>);
static_assert(std::is_nothrow_move_constructible_v<owner<int>> && std::is_nothrow_move_assignable_v<owner<int>>);
static_assert(!std::is_convertible_v<int*, owner<int>>, "who owns is said");
static_assert(sizeof(owner<int>) == sizeof(int*));

TEST_CASE("an owned object goes with its owner, and with the next one it is given", "[core][owner]")
{
    int alive = 0;
    {
        auto first = make_owner<counted>(alive);
        CHECK(alive == 1);
        first = make_owner<counted>(alive);
        CHECK(alive == 1);
        first = nullptr;
        CHECK(alive == 0);
        CHECK((!first && first == nullptr && first.get() == nullptr));
        first = make_owner<counted>(alive);
    }
    CHECK(alive == 0);
}

TEST_CASE("an object that moves to another owner goes once, through its base, too", "[core][owner]")
{
    int alive = 0;
    {
        auto made = make_owner<derived>(alive, 7);
        CHECK((made->number == 7 && (*made).number == 7));
        owner<counted> base(std::move(made));
        CHECK((!made && base && alive == 1)); // NOLINT(bugprone-use-after-move): an owner is empty then
        auto& same = base;
        base = std::move(same);
        CHECK((base && alive == 1));
    }
    CHECK(alive == 0);
}

TEST_CASE("an array is owned and goes as one", "[core][owner]")
{
    owner<int[]> numbers(new int[3]()); // NOLINT(modernize-avoid-c-arrays)
    numbers[2] = 5;
    CHECK((numbers[0] == 0 && numbers.get()[2] == 5));
}

TEST_CASE("what is released or has a rule of its own is not deleted", "[core][owner]")
{
    int number = 3;
    {
        owner<int, noting> const holds(&number);
        CHECK(*holds == 3);
    }
    CHECK(number == -1);
    int other = 3;
    {
        owner<int, noting> lets_go(&other);
        CHECK(lets_go.release() == &other);
    }
    CHECK(other == 3);
}

} // namespace owner_test
