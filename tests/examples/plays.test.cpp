// SPDX-License-Identifier: BSL-1.0

#include <examples/support/play_generator.hpp>
#include <examples/support/plays.hpp>

#include <support/catch.hpp>

#include <string>

// Expected times are those of `date -u -d "2019-03-17 21:44:00" +%s`.

TEST_CASE("a timestamp has a fraction of at least one digit and no trailing zeros", "[examples][timestamp]")
{
    CHECK(support::format_timestamp(0) == "1970-01-01 00:00:00.0");
    CHECK(support::format_timestamp(1'552'859'040'000) == "2019-03-17 21:44:00.0");
    CHECK(support::format_timestamp(1'552'859'040'120) == "2019-03-17 21:44:00.12");
    CHECK(support::format_timestamp(1'552'859'040'007) == "2019-03-17 21:44:00.007");
    CHECK(support::format_timestamp(1'552'859'040'500) == "2019-03-17 21:44:00.5");
    CHECK(support::format_timestamp(1'709'164'799'999) == "2024-02-28 23:59:59.999");
    CHECK(support::format_timestamp(-1) == "1969-12-31 23:59:59.999");
}

TEST_CASE("a timestamp is read with or without seconds", "[examples][timestamp]")
{
    CHECK(support::parse_timestamp("2019-03-17 21:44") == 1'552'859'040'000);
    CHECK(support::parse_timestamp("2019-03-17T21:44:00") == 1'552'859'040'000);
    CHECK(support::parse_timestamp("2024-02-29T00:00:01") == 1'709'164'801'000);
    for (auto const* const wrong :
         {"", "2019-03-17", "2019-02-29 00:00", "2019-03-17 24:00", "2019-03-17 21:60", "2019-03-17_21:44",
          "2019-3-17 21:44:0", "yesterday at noon", "2019-13-01 00:00", "2019-03-17 21:44:0x"})
        CHECK_FALSE(support::parse_timestamp(wrong));
}

TEST_CASE("a play is a video, a client and a time", "[examples][plays]")
{
    CHECK(support::parse_play("video-935,client-17,1552859040000")
          == support::play{"video-935", "client-17", 1'552'859'040'000});
    for (auto const* const wrong :
         {"", "video-1", "video-1,client-1", "video-1,client-1,", "video-1,client-1,soon", ",client-1,5", "video-1,,5",
          "video-1,client-1,5 ", "video-1,client-1,5,6", "video-1,client-1,-5", "video-1,client-1,99999999999999999999",
          "video-1,client-1,253370764800000"})
        CHECK_FALSE(support::parse_play(wrong));
}

TEST_CASE("an hour ends where the next one begins", "[examples][plays]")
{
    auto const end_of = [](std::int64_t at) {
        return support::format_timestamp(support::by_video_and_hour({"v", "c", at}).first.end);
    };
    CHECK(end_of(1'552'859'040'000) == "2019-03-17 22:00:00.0");
    CHECK(end_of(1'552'859'999'999) == "2019-03-17 22:00:00.0");
    CHECK(end_of(1'552'860'000'000) == "2019-03-17 23:00:00.0");
    CHECK(support::line_of({{"video-935", 1'552'863'600'000}, 18}) == "video-935, 2019-03-17 23:00:00.0, 18");
}

TEST_CASE("made-up plays are the same for the same seed, and within their span", "[examples][plays]")
{
    support::play_generation how;
    how.files = 3;
    how.records = 100;
    how.from = 1'552'856'400'000;
    how.bad_every = 10;
    support::random_numbers one(7);
    support::random_numbers same(7);
    support::random_numbers other(8);
    int bad = 0;
    int different = 0;
    for (std::int64_t number = 0; number < 300; ++number) {
        auto const line = support::made_up_line(how, one, number, 0);
        CHECK(line == support::made_up_line(how, same, number, 1));
        different += line != support::made_up_line(how, other, number, 0) ? 1 : 0;
        auto const played = support::parse_play(line);
        bad += played ? 0 : 1;
        if (played) {
            CHECK(played->at > *how.from - 5 * 60'000);
            CHECK(played->at < *how.from + 3 * support::hour_ms);
        }
    }
    CHECK(bad == 30);
    CHECK(different > 200);
}
