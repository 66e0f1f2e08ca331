// SPDX-License-Identifier: BSL-1.0

#include <tidemark/storage/line_cutter.hpp>

#include <support/catch.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace {

using tidemark::line_cutter;
using lines = std::vector<std::string>;

struct keep_up_to {
    std::size_t most;
    lines kept{};

    bool operator()(std::string&& line)
    {
        kept.push_back(std::move(line));
        return kept.size() < most;
    }
};

TEST_CASE("lines are the same in whatever blocks the bytes arrive", "[storage][line_cutter]")
{
    struct {
        std::string_view text;
        lines expected;
    } const rows[] = {
        {"", {}},
        {"one\ntwo\r\n\nfour", {"one", "two", "", "four"}},
        {"\r\n\r\r\n\r", {"", "\r", ""}},
        {"\n\n", {"", ""}},
    };
    for (auto const& row : rows)
        for (std::size_t block = 1; block <= row.text.size() + 1; ++block) {
            line_cutter cutter;
            keep_up_to keep{100};
            for (std::size_t at = 0; at < row.text.size(); at += block)
                CHECK(cutter.cut(row.text.substr(at, block), keep));
            cutter.finish(keep);
            CHECK(keep.kept == row.expected);
        }
}

TEST_CASE("the cutter stops when no more is wanted", "[storage][line_cutter]")
{
    line_cutter cutter;
    keep_up_to keep{2};
    CHECK_FALSE(cutter.cut("a\nb\nc\n", keep));
    CHECK(keep.kept == lines{"a", "b"});
}

TEST_CASE("a line without its end is counted, and can be dropped", "[storage][line_cutter]")
{
    line_cutter cutter;
    keep_up_to keep{100};
    CHECK(cutter.cut("a\nbc", keep));
    CHECK(cutter.cut("d", keep));
    CHECK(cutter.begun() == 3);
    cutter.drop();
    cutter.finish(keep);
    CHECK(keep.kept == lines{"a"});
}

} // namespace
