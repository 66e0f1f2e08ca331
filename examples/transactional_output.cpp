// SPDX-License-Identifier: BSL-1.0
//
// transactional_output: orders from files into an SQLite database, each batch in one transaction: however often the
// program is killed, each order is there once.

#include "support/run_until.hpp"
#include "support/sqlite_sink.hpp"

#include <tidemark/tidemark.hpp>

#include <cstdint>
#include <exception>
#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>

namespace tide = tidemark;
using namespace tidemark::literals;
namespace fs = std::filesystem;

namespace {

/// "shop amount", as in "north 12".
std::pair<std::string, std::int64_t> order_of(std::string const& line)
{
    auto const blank = line.find(' ');
    return {line.substr(0, blank), std::stoll(line.substr(blank + 1))};
}

/// The orders in the files of `folder`, and in the database a row for each of them.
auto orders_into_database(fs::path const& folder, fs::path const& database)
{
    auto const ssc =
        tide::streaming_context(100_ms, tide::checkpoint_directory(database.string() + ".checkpoint")).named("orders");
    support::sqlite_sink const table(database, "INSERT INTO orders VALUES (?, ?)");
    return ssc.application(
        ssc.text_file_stream<"orders">(folder.string(), tide::text_file_options{.existing = tide::read_existing::all})
        | tide::map(order_of) | tide::save_in_transactions<"orders">(table) | tide::exactly_once());
}

/// Number and sum of the orders of each shop, a line each.
std::string totals(fs::path const& database, std::int64_t& orders)
{
    support::sqlite_database shop(database);
    std::string lines;
    shop.each_row("SELECT shop, count(*), sum(amount) FROM orders GROUP BY shop ORDER BY shop", [&](auto const& row) {
        lines += row[0] + ": " + row[1] + " orders, " + row[2] + "\n";
        orders += std::stoll(row[1]);
    });
    return lines;
}

} // namespace

int main(int argc, char** argv)
try {
    if (argc != 4)
        throw std::invalid_argument("usage: transactional_output <folder of orders> <database> <orders to wait for>");
    fs::path const database(argv[2]);
    auto const wanted = std::stoll(argv[3]);
    support::sqlite_database(database).run("CREATE TABLE IF NOT EXISTS orders(shop TEXT, amount INTEGER)");
    auto app = orders_into_database(argv[1], database);
    return support::run_until(app, wanted, [&](std::int64_t& orders) { return totals(database, orders); });
} catch (std::exception const& failure) {
    std::cerr << failure.what() << '\n';
    return 1;
}
