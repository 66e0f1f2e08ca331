// SPDX-License-Identifier: BSL-1.0

#include <examples/support/words.hpp>

#include <support/catch.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace {

std::vector<std::string> words_of(std::string_view line)
{
    std::vector<std::string> words;
    for (auto const word : support::word_range(line))
        words.emplace_back(word);
    return words;
}

using words = std::vector<std::string>;

} // namespace

TEST_CASE("a word is a run of letters and digits", "[examples][words]")
{
    CHECK(words_of("the cat, and no. 7").size() == 5);
    CHECK(words_of("the cat, and no. 7") == words{"the", "cat", "and", "no", "7"});
    CHECK(words_of("--don't--") == words{"don", "t"});
    CHECK(words_of("word") == words{"word"});
    CHECK(words_of("").empty());
    CHECK(words_of(" .\t").empty());
}

TEST_CASE("characters beyond ASCII belong to words", "[examples][words]")
{
    CHECK(words_of("caf\xc3\xa9 na\xc3\xafve") == words{"caf\xc3\xa9", "na\xc3\xafve"});
}

TEST_CASE("only ASCII capitals have small letters", "[examples][words]")
{
    std::string text = "AZ az [@ \xc3\x89";
    std::transform(text.begin(), text.end(), text.begin(), support::to_lower);
    CHECK(text == "az az [@ \xc3\x89");
}
