// SPDX-License-Identifier: BSL-1.0

#include <tidemark/checkpoint/file_names.hpp>

#include <support/catch.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace {

using tidemark::file_id;

struct name_row {
    file_id id;
    std::string log;
    std::string state;
};

name_row const name_rows[] = {
    {{0, 0}, "log-0000000000-0000000000", "state-0000000000-0000000000"},
    {{1, 2}, "log-0000000001-0000000002", "state-0000000001-0000000002"},
    {{9999999999U, 4294967295U}, "log-9999999999-4294967295", "state-9999999999-4294967295"},
    {{10000000000U, 1}, "log-10000000000-0000000001", "state-10000000000-0000000001"},
    {{UINT64_MAX, 1}, "log-18446744073709551615-0000000001", "state-18446744073709551615-0000000001"},
};

} // namespace

TEST_CASE("a file name gives back the numbers it was made of", "[checkpoint][file_names]")
{
    for (auto const& row : name_rows) {
        CHECK(tidemark::log_name(row.id) == row.log);
        CHECK(tidemark::state_name(row.id) == row.state);
        CHECK(tidemark::parse_log_name(row.log) == row.id);
        CHECK(tidemark::parse_state_name(row.state) == row.id);
        CHECK(tidemark::parse_log_name(row.state) == std::nullopt);
        CHECK(tidemark::parse_state_name(row.log) == std::nullopt);
    }
}

TEST_CASE("a name that is not exactly ours is nobody's", "[checkpoint][file_names]")
{
    for (std::string const name : {
             "",
             "log-",
             "log",
             "manifest",
             "log-1-1",
             "log-0000000001",
             "log-0000000001-",
             "log-0000000001-0000000001-",
             "log-0000000001-0000000001.bak",
             "xlog-0000000001-0000000001",
             "Log-0000000001-0000000001",
             "log-000000001-0000000001",
             "log-00000000001-0000000001",
             "log-+000000001-0000000001",
             "log- 000000001-0000000001",
             "log-0000000001-4294967296",
             "log-18446744073709551616-0000000001",
             "log--000000001-0000000001",
         }) {
        CAPTURE(name);
        CHECK(tidemark::parse_log_name(name) == std::nullopt);
    }
}
