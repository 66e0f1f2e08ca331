// SPDX-License-Identifier: BSL-1.0
//
// literals.test: durations written as literals, and the spellings that are refused.

#include <tidemark/time/literals.hpp>

#include <support/catch.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>

namespace {

using namespace tidemark::literals;
using tidemark::static_duration;
using tidemark::detail::literal_fault;
using tidemark::detail::parse_literal;

// ---- What a literal is, at compile time
static_assert(std::same_as<decltype(10_s), static_duration<10'000>>);
static_assert(std::same_as<decltype(500_ms), static_duration<500>>);
static_assert(std::same_as<decltype(1_min), static_duration<60'000>>);
static_assert(std::same_as<decltype(1_h), static_duration<3'600'000>>);
static_assert(std::same_as<decltype(60_s), decltype(1_min)>, "one duration is one type, however it is written");
static_assert(std::same_as<decltype(0_s), static_duration<0>>);
static_assert(std::same_as<decltype(1'000'000_ms), static_duration<1'000'000>>);
static_assert(std::same_as<decltype(9'223'372'036'854'775'807_ms), static_duration<INT64_MAX>>);
static_assert(std::same_as<decltype(2'562'047'788'015_h), static_duration<9'223'372'036'854'000'000>>);

// ---- What it refuses; the same answers become the static assertions of the operators
template <char... Characters>
constexpr literal_fault fault_in_seconds = parse_literal<Characters...>(1000).fault;

static_assert(fault_in_seconds<'1', '0'> == literal_fault::none);
static_assert(fault_in_seconds<'0'> == literal_fault::none);
static_assert(fault_in_seconds<'1', '.', '5'> == literal_fault::fraction);
static_assert(fault_in_seconds<'0', '.', '5'> == literal_fault::fraction);
static_assert(fault_in_seconds<'.', '5'> == literal_fault::fraction);
static_assert(fault_in_seconds<'1', '.'> == literal_fault::fraction);
static_assert(fault_in_seconds<'1', 'e', '3'> == literal_fault::fraction);
static_assert(fault_in_seconds<'0', 'E', '3'> == literal_fault::fraction);
static_assert(fault_in_seconds<'0', '1', '0'> == literal_fault::not_decimal);
static_assert(fault_in_seconds<'0', '\'', '7'> == literal_fault::not_decimal);
static_assert(fault_in_seconds<'0', 'x', '1', 'e'> == literal_fault::not_decimal);
static_assert(fault_in_seconds<'0', 'b', '1'> == literal_fault::not_decimal);

// 2^63 - 1 = 9223372036854775807
template <std::int64_t Unit>
constexpr literal_fault fault_of_two_to_63 =
    parse_literal<'9', '2', '2', '3', '3', '7', '2', '0', '3', '6', '8', '5', '4', '7', '7', '5', '8', '0', '8'>(Unit)
        .fault;
static_assert(fault_of_two_to_63<1> == literal_fault::too_large);
static_assert(fault_of_two_to_63<1000> == literal_fault::too_large);
static_assert(parse_literal<'2', '5', '6', '2', '0', '4', '7', '7', '8', '8', '0', '1', '5'>(3'600'000).fault
              == literal_fault::none);
static_assert(parse_literal<'2', '5', '6', '2', '0', '4', '7', '7', '8', '8', '0', '1', '6'>(3'600'000).fault
              == literal_fault::too_large);

TEST_CASE("duration literals convert to durations of their unit", "[time][literals]")
{
    CHECK(10_s == std::chrono::seconds(10));
    CHECK(500_ms == std::chrono::milliseconds(500));
    CHECK(1_min == std::chrono::minutes(1));
    CHECK(1_h == std::chrono::hours(1));
    CHECK(1_h == 60_min);
    CHECK(1_s + 500_ms == 1'500_ms);
    tidemark::duration const batch = 2_s;
    CHECK(batch.count() == 2000);
}

} // namespace
