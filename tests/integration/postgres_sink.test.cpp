// SPDX-License-Identifier: BSL-1.0
//
// postgres_sink.test: the sink for PostgreSQL against a real server, over connections that are cut at every message, and
// what it says of a server that refuses.

#include <tidemark/sinks/save_in_transactions.hpp>

#include <examples/support/postgres_sink.hpp>
#include <integration/postgres_server.hpp>
#include <support/catch.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <latch>
#include <limits>
#include <optional>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace {

using namespace std::chrono_literals;
using namespace tidemark_test;
using support::postgres_database;
using support::postgres_failure;
using support::postgres_sink;
using order = std::pair<std::string, std::int64_t>;
using rows = std::vector<std::vector<std::string>>;

static_assert(tidemark::transactional_sink<postgres_sink, order>);
static_assert(tidemark::transactional_sink<postgres_sink, std::tuple<std::string, double, bool>>);

/// A line to a server that breaks at one message, in whichever direction that goes.
class cut_line {
public:
    enum class kind {
        lost, ///< The message is lost, and both ends see the line break.
        late, ///< The client sees it break, and only a while later the message arrives and the server sees it break.
    };

    cut_line(std::filesystem::path const& at, std::filesystem::path to, kind how, std::size_t message)
        : to_(std::move(to))
        , how_(how)
        , left_(static_cast<std::ptrdiff_t>(message))
    {
        std::filesystem::remove(at);
        listening_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        auto const name = address(at);
        REQUIRE(::bind(listening_, reinterpret_cast<sockaddr const*>(&name), sizeof name) == 0);
        REQUIRE(::listen(listening_, 8) == 0);
        accepting_ = std::thread([this] { accept(); });
    }
    cut_line(cut_line const&) = delete;
    cut_line& operator=(cut_line const&) = delete;
    ~cut_line()
    {
        ended_ = true;
        accepting_.join();
        for (auto& each : lines_)
            each.join();
        ::close(listening_);
    }

    /// Whether that message has come.
    [[nodiscard]] bool was_cut() const { return left_ < 0; }

private:
    static sockaddr_un address(std::filesystem::path const& path)
    {
        sockaddr_un name{};
        name.sun_family = AF_UNIX;
        std::strncpy(name.sun_path, path.c_str(), sizeof name.sun_path - 1);
        return name;
    }

    void accept()
    {
        while (!ended_) {
            pollfd waiting{listening_, POLLIN, 0};
            if (::poll(&waiting, 1, 5) == 1)
                lines_.emplace_back([this, client = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC)] {
                    auto const server = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
                    auto const name = address(to_);
                    if (::connect(server, reinterpret_cast<sockaddr const*>(&name), sizeof name) == 0)
                        relay(client, server);
                    ::close(client);
                    ::close(server);
                });
        }
    }

    void relay(int client, int server)
    {
        std::vector<char> message(1 << 20);
        while (!ended_) {
            std::array<pollfd, 2> ends{{{client, POLLIN, 0}, {server, POLLIN, 0}}};
            ::poll(ends.data(), ends.size(), 5);
            for (std::size_t from = 0; from != 2; ++from) {
                if (ends[from].revents == 0)
                    continue;
                auto const size = ::read(ends[from].fd, message.data(), message.size());
                if (size <= 0)
                    return;
                bool const cut = left_-- == 0;
                if (cut && how_ == kind::lost)
                    return;
                if (cut) {
                    ::shutdown(client, SHUT_RDWR);
                    std::this_thread::sleep_for(30ms);
                }
                if (::send(ends[1 - from].fd, message.data(), static_cast<std::size_t>(size), MSG_NOSIGNAL) != size
                    || cut)
                    return;
            }
        }
    }

    std::filesystem::path to_;
    kind how_;
    std::atomic<std::ptrdiff_t> left_; // messages before the one that is cut
    int listening_ = -1;
    std::atomic<bool> ended_ = false;
    std::vector<std::thread> lines_; // of the accepting thread, until that has ended
    std::thread accepting_;
};

rows all_of(postgres_database& database, std::string const& query)
{
    rows all;
    database.each_row(query, [&](auto const& row) { all.push_back(row); });
    return all;
}

template <typename Record>
void put(postgres_sink& sink, std::string const& output, std::int64_t time, std::vector<Record> const& records)
{
    if (auto open = sink.begin(output, tidemark::batch_time(time))) {
        for (auto const& record : records)
            open->write(record);
        open->commit();
    }
}

/// What a call says when it fails; nothing when it does not.
template <typename Call>
std::string said_by(Call call)
{
    try {
        call();
        return "";
    } catch (postgres_failure const& failure) {
        return failure.what();
    }
}

bool contains(std::string const& text, std::string const& part) { return text.find(part) != text.npos; }

} // namespace

TEST_CASE("an order is in PostgreSQL once, at whichever message the connection is cut",
          "[integration][postgres][postgres_sink]")
{
    auto const server = postgres_server::start();
    if (!server)
        return;
    postgres_database database(server->connection() + " options='-c client_min_messages=warning'");
    database.run("CREATE TABLE orders(shop text, amount bigint)");
    auto const folder = server->socket().parent_path() / "cut";
    std::filesystem::create_directories(folder);
    auto const cut_connection = postgres_server::connection_at(folder / server->socket().filename());

    // Three batches of two orders each.
    rows const expected{{"north", "1"},  {"north", "2"},  {"north", "3"},
                        {"south", "10"}, {"south", "20"}, {"south", "30"}};
    rows const notes{{"shop/orders", "1"}, {"shop/orders", "2"}, {"shop/orders", "3"}};
    using kind = cut_line::kind;
    for (auto const how : {kind::lost, kind::late})
        // The sink tries again, or it fails as the program does, and another one takes its place.
        for (auto const patience : {std::chrono::milliseconds(60s), 0ms}) {
            CAPTURE(how == kind::late, patience.count());
            std::size_t message = 0;
            int noticed = 0;
            for (bool cut = true; cut; ++message) {
                CAPTURE(message);
                REQUIRE(message < 200);
                database.run("TRUNCATE orders");
                database.run("DROP TABLE IF EXISTS tidemark_batches");
                {
                    cut_line const line(folder / server->socket().filename(), server->socket(), how, message);
                    int failures = 0;
                    for (std::int64_t done = 0; done == 0;) {
                        postgres_sink sink(cut_connection, "INSERT INTO orders VALUES ($1, $2)", patience);
                        try {
                            for (std::int64_t batch = 1; batch <= 3; ++batch)
                                put<order>(sink, "shop/orders", batch, {{"north", batch}, {"south", 10 * batch}});
                            done = 1;
                        } catch (postgres_failure const& failure) {
                            CAPTURE(failure.what());
                            CHECK(failure.passes);
                            REQUIRE(++failures == 1);
                        }
                    }
                    cut = line.was_cut();
                    if (!cut || patience != 0ms)
                        CHECK(failures == 0);
                    noticed += failures;
                }
                CHECK(all_of(database, "SELECT * FROM orders ORDER BY shop, amount") == expected);
                CHECK(all_of(database, "SELECT * FROM tidemark_batches ORDER BY batch") == notes);
            }
            CHECK(message > 30); // a request and an answer for each of five statements of three batches, at least
            if (patience == 0ms)
                CHECK(noticed > 30); // each but the goodbyes
        }
}

TEST_CASE("a server that stops at once and starts again has each batch that was committed, and the others later",
          "[integration][postgres][postgres_sink]")
{
    auto const server = postgres_server::start();
    if (!server)
        return;
    postgres_database(server->connection() + " options='-c synchronous_commit=on'")
        .run("CREATE TABLE orders(shop text, amount bigint)");
    auto const orders = [&] {
        postgres_database database(server->connection());
        return all_of(database, "SELECT * FROM orders ORDER BY amount");
    };
    postgres_sink sink(server->connection(), "INSERT INTO orders VALUES ($1, $2)");

    // What is committed is on the disk, though this server answers sooner unless it is asked.
    put<order>(sink, "shop/orders", 1, {{"north", 1}});
    server->stop_immediately();
    server->start_again();
    CHECK(orders() == rows{{"north", "1"}});

    // In the middle of a transaction, and between two.
    auto open = sink.begin("shop/orders", tidemark::batch_time(2));
    REQUIRE(open);
    open->write(order("north", 2));
    server->stop_immediately();
    server->start_again();
    CHECK(orders() == rows{{"north", "1"}});
    open->commit();
    CHECK(orders() == rows{{"north", "1"}, {"north", "2"}});
    CHECK_FALSE(sink.begin("shop/orders", tidemark::batch_time(2)));
    server->stop_immediately();
    std::string waited = "nothing";
    std::thread waiting([&] { waited = said_by([&] { put<order>(sink, "shop/orders", 3, {{"north", 3}}); }); });
    std::this_thread::sleep_for(300ms);
    server->start_again();
    waiting.join();
    CHECK(waited == "");
    CHECK(orders() == rows{{"north", "1"}, {"north", "2"}, {"north", "3"}});

    // One that stays away for longer than the sink waits.
    server->stop_immediately();
    postgres_sink hasty(server->connection(), "INSERT INTO orders VALUES ($1, $2)", 100ms);
    auto const said = said_by([&] { put<order>(hasty, "shop/orders", 4, {{"north", 4}}); });
    CAPTURE(said);
    CHECK(contains(said, server->socket().string())); // the server's words, or those of libpq
    CHECK(contains(said, "batch 4 of shop/orders"));
    CHECK(contains(said, "within 100 ms"));
    CHECK(contains(said, "see to the server, and start the program again"));
    server->start_again();
    put<order>(hasty, "shop/orders", 4, {{"north", 4}});
    CHECK(orders().size() == 4);
}

TEST_CASE("transactions that collide in PostgreSQL are tried again, and those that cannot succeed say why",
          "[integration][postgres][postgres_sink]")
{
    auto const server = postgres_server::start();
    if (!server)
        return;
    postgres_database database(server->connection());
    auto const at = [](std::int64_t time) { return tidemark::batch_time(time); };

    // Several programs that come first make the table of notes once.
    {
        std::latch ready(8);
        std::atomic<int> begun = 0;
        std::vector<std::thread> programs;
        for (int i = 0; i < 8; ++i)
            programs.emplace_back([&, i] {
                postgres_sink sink(server->connection(), "SELECT $1", 0ms);
                ready.arrive_and_wait();
                if (said_by([&] { put<std::tuple<int>>(sink, "shop " + std::to_string(i), 1, {}); }).empty())
                    ++begun;
            });
        for (auto& each : programs)
            each.join();
        CHECK(begun == 8);
    }

    // Somebody else changes a row between the beginning of a transaction and its own change.
    database.run("CREATE TABLE total(shop text PRIMARY KEY, amount bigint); INSERT INTO total VALUES ('north', 100)");
    postgres_sink adding(server->connection() + " options='-c default_transaction_isolation=serializable'",
                         "INSERT INTO total VALUES ($1, $2) "
                         "ON CONFLICT (shop) DO UPDATE SET amount = total.amount + excluded.amount");
    auto open = adding.begin("shop/total", at(1));
    REQUIRE(open);
    open->write(order("north", 1));
    database.run("UPDATE total SET amount = amount + 10");
    open->commit();
    CHECK(all_of(database, "SELECT amount FROM total") == rows{{"111"}});

    // Without a table.
    postgres_sink nowhere(server->connection(), "INSERT INTO orders VALUES ($1, $2)");
    auto said = said_by([&] { put<order>(nowhere, "shop/orders", 1, {{"north", 1}}); });
    CAPTURE(said);
    CHECK(contains(said, "cannot INSERT INTO orders VALUES ($1, $2)"));
    CHECK(contains(said, "relation \"orders\" does not exist"));
    CHECK(contains(said, "batch 1 of shop/orders, 1 times"));
    CHECK(contains(said, "expected a server, a table and a statement that take these records"));

    // One record among many that the table refuses, at once or at the commit: nothing is left, and the batch may run again.
    database.run("CREATE TABLE orders(shop text, amount bigint CHECK (amount <> 150), place bigserial)");
    std::vector<order> many;
    for (std::int64_t amount = 0; amount < 250; ++amount)
        many.emplace_back("north", amount);
    said = said_by([&] { put(nowhere, "shop/orders", 1, many); });
    CHECK(contains(said, "orders_amount_check"));
    CHECK(contains(said, "1 times"));
    CHECK(all_of(database, "SELECT count(*) FROM orders") == rows{{"0"}});
    database.run("ALTER TABLE orders DROP CONSTRAINT orders_amount_check");
    database.run("ALTER TABLE orders ADD CONSTRAINT once UNIQUE (amount) DEFERRABLE INITIALLY DEFERRED");
    many.push_back(many.front());
    said = said_by([&] { put(nowhere, "shop/orders", 1, many); });
    CHECK(contains(said, "cannot COMMIT"));
    CHECK(contains(said, "\"once\""));
    many.pop_back();
    put(nowhere, "shop/orders", 1, many);
    CHECK(all_of(database, "SELECT count(*), sum(amount) FROM orders") == rows{{"250", "31125"}}); // 249 * 250 / 2
    CHECK(all_of(database,
                 "SELECT amount FROM (SELECT amount, lag(amount) OVER (ORDER BY place) AS before FROM orders) "
                 "AS ordered WHERE before > amount")
          == rows{});

    // A server that cannot be asked at all: no waiting helps.
    postgres_sink nonsense("no such option=1", "SELECT 1");
    said = said_by([&] { put<order>(nonsense, "shop/orders", 1, {{"north", 1}}); });
    CHECK(contains(said, "cannot connect"));
    CHECK(contains(said, "1 times"));
}

TEST_CASE("any value goes into PostgreSQL as it is, and a text that it cannot hold is refused",
          "[integration][postgres][postgres_sink]")
{
    auto const server = postgres_server::start();
    if (!server)
        return;
    postgres_database database(server->connection());
    database.run("CREATE TABLE things(id serial, word text, whole bigint, real float8, yes bool, letter smallint)");
    using thing = std::tuple<std::string, std::int64_t, double, bool, char>;
    postgres_sink sink(server->connection(),
                       "INSERT INTO things(word, whole, real, yes, letter) VALUES ($1, $2, $3, $4, $5)");
    using whole = std::numeric_limits<std::int64_t>;
    using real = std::numeric_limits<double>;
    put<thing>(sink, "shop/things", 1,
               {{"'); DROP TABLE things; --", whole::min(), 0.1, true, 'a'},
                {"", whole::max(), -real::infinity(), false, '\0'},
                {"\xc3\xa4 \\ \" $1 \n\t", 0, real::quiet_NaN(), true, '\x7f'},
                {"NULL", -1, real::denorm_min(), false, ' '}});
    CHECK(all_of(database, "SELECT word, whole, real, yes, letter FROM things ORDER BY id")
          == rows{{"'); DROP TABLE things; --", "-9223372036854775808", "0.1", "t", "97"},
                  {"", "9223372036854775807", "-Infinity", "f", "0"},
                  {"\xc3\xa4 \\ \" $1 \n\t", "0", "NaN", "t", "127"},
                  {"NULL", "-1", "5e-324", "f", "32"}});

    auto const said =
        said_by([&] { put<thing>(sink, "shop/things", 2, {{std::string("a\0b", 3), 1, 1.0, true, 'a'}}); });
    CHECK(contains(said, "a zero byte at 1"));
    CHECK(contains(said_by([&] { put<thing>(sink, "shop/things", 2, {{"\xff", 1, 1.0, true, 'a'}}); }),
                   "invalid byte sequence for encoding \"UTF8\""));
    put<thing>(sink, "shop/things", 2, {{"b", 1, 1.0, true, 'a'}});
    CHECK(all_of(database, "SELECT count(*) FROM things") == rows{{"5"}});

    // Notes are kept for a thousand later batches of their output, and for other outputs.
    database.run("INSERT INTO tidemark_batches SELECT 'shop/things', generate_series(3, 1010)");
    put<thing>(sink, "shop/things", 1011, {});
    put<thing>(sink, "shop/others", 1, {});
    CHECK(all_of(database, "SELECT output, count(*), min(batch) FROM tidemark_batches GROUP BY output ORDER BY output")
          == rows{{"shop/others", "1", "1"}, {"shop/things", "1001", "11"}});
}
