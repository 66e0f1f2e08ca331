// SPDX-License-Identifier: BSL-1.0
//
// unions: unions of streams.

#include "functions.hpp"
#include "pipelines.hpp"
#include "words.hpp"

#include <tidemark/operators.hpp>

#include <cstdint>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace tidemark_test {
namespace {

result run_union(test_case const& one)
{
    expect_plain(one);
    if (one.has_second_input()) {
        check_stream(one, [](auto first, auto second) { return first | tidemark::union_(second); });
        return {};
    }
    std::string const same = "the same stream mapped by ";
    auto const words = one.required_function("other");
    if (!words.starts_with(same))
        throw not_covered("unknown stream \"" + words + "\"");
    check_stream(one, [f = mapping_of(words.substr(same.size()))](auto stream) {
        return stream | tidemark::union_(stream | tidemark::map(f));
    });
    return {};
}

/// "the stream mapped by +4, by -2 and by +8; union of all four": 4, -2, 8. Nothing for other words.
std::vector<std::int64_t> shifts_in(std::string words)
{
    std::string const begin = "the stream mapped by ";
    std::string const meeting = "; union of ";
    auto const end = words.find(meeting);
    if (!words.starts_with(begin) || end == std::string::npos)
        return {};
    auto const how_many = words.substr(end + meeting.size());
    words = words.substr(begin.size(), end - begin.size());
    std::vector<std::int64_t> shifts;
    std::istringstream in(words);
    for (std::string part; in >> part;) {
        auto const digits = part.substr(0, part.find(','));
        if (auto const up = numbers_in(digits, "+#"))
            shifts.push_back((*up)[0]);
        else if (auto const down = numbers_in(digits, "#"); down && (*down)[0] < 0)
            shifts.push_back((*down)[0]);
        else if (digits != "and" && digits != "by")
            return {};
    }
    return says_all(how_many, shifts.size() + 1) ? shifts : std::vector<std::int64_t>();
}

/// Of several streams: by repetition, and as a list.
result run_context_union(test_case const& one)
{
    expect_plain(one);
    auto const words = one.required_function("others");
    auto const shifts = shifts_in(words);
    if (shifts.empty())
        throw not_covered("unknown streams \"" + words + "\"");
    check_stream(one, [shifts](auto stream) {
        auto const shifted = [&](std::int64_t n) {
            return stream | tidemark::map(mapping([n](value const& x) { return value(x.integer() + n); }));
        };
        std::vector<decltype(shifted(0))> list{shifted(0)};
        for (auto const n : shifts)
            list.push_back(shifted(n));
        return tidemark::union_all(std::move(list));
    });
    if (shifts.size() == 2)
        check_stream(one, [shifts](auto stream) {
            auto const shifted = [&](std::int64_t n) {
                return stream | tidemark::map([n](value const& x) { return value(x.integer() + n); });
            };
            return stream | tidemark::union_(shifted(shifts[0])) | tidemark::union_(shifted(shifts[1]));
        });
    return {};
}

} // namespace

void add_union_families(family_table& families)
{
    for (std::string const in_a_run : {"", "recovery: "}) {
        families[in_a_run + "union"] = run_union;
        families[in_a_run + "context.union"] = run_context_union;
    }
}

} // namespace tidemark_test
