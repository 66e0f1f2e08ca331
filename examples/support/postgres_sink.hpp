// SPDX-License-Identifier: BSL-1.0
//
// postgres_sink: a table of a PostgreSQL database as the sink of save_in_transactions.

#pragma once

#include <tidemark/time/batch_time.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include <libpq-fe.h>

namespace support {

/// What PostgreSQL refuses, in its words, or what has become of the connection.
struct postgres_failure : std::runtime_error {
    postgres_failure(std::string const& what, bool passing)
        : std::runtime_error(what)
        , passes(passing)
    {}

    bool passes; ///< The same transaction may well succeed on a new connection.
};

/// A connection, and a transaction that is open on it, if any. One thread at a time.
class postgres_database {
public:
    /// `connection` is what libpq takes, as in "host=/run/postgresql dbname=shop".
    explicit postgres_database(std::string const& connection)
        : connection_(::PQconnectdb(connection.c_str()))
    {
        if (::PQstatus(connection_.get()) != CONNECTION_OK)
            fail("connect", ::PQerrorMessage(connection_.get()), ::PQping(connection.c_str()) != PQPING_NO_ATTEMPT);
    }

    /// Runs statements without values.
    void run(std::string const& sql) { expect(result(::PQexec(connection_.get(), sql.c_str())), sql); }

    /// Runs a statement with these values for $1, $2 and so on. Gives how many rows it has changed.
    template <typename... Values>
    int run_with(std::string const& sql, Values const&... values)
    {
        std::vector<std::string> const texts{text_of(values)...};
        auto const places = pointers(texts.begin(), texts.size());
        result const done(::PQexecParams(connection_.get(), sql.c_str(), static_cast<int>(places.size()), nullptr,
                                         places.data(), nullptr, nullptr, 0));
        expect(done, sql);
        std::string_view const changed(::PQcmdTuples(done.get()));
        int number = 0;
        std::from_chars(changed.data(), changed.data() + changed.size(), number);
        return number;
    }

    /// Runs a statement once for each `width` of the texts. They are sent a hundred at a time, each without waiting for
    /// the answer to the one before; the answers to a hundred fit into any buffer on the way.
    void run_for_each(std::string const& sql, std::vector<std::string> const& texts, std::size_t width)
    {
        if (texts.empty())
            return;
        auto* const server = connection_.get();
        if (prepared_ != sql) {
            expect(result(::PQprepare(server, "each", sql.c_str(), 0, nullptr)), sql);
            prepared_ = sql;
        }
        expect(::PQenterPipelineMode(server) == 1, sql);
        auto row = texts.begin();
        while (row != texts.end()) {
            int sent = 0;
            for (; row != texts.end() && sent != 100; ++sent, row += static_cast<std::ptrdiff_t>(width)) {
                auto const places = pointers(row, width);
                expect(
                    ::PQsendQueryPrepared(server, "each", static_cast<int>(width), places.data(), nullptr, nullptr, 0)
                        == 1,
                    sql);
            }
            expect(::PQpipelineSync(server) == 1, sql);
            for (; sent != 0; --sent) {
                expect(result(::PQgetResult(server)), sql);
                while (result(::PQgetResult(server))) { // nothing: the end of the answers to one statement
                }
            }
            expect(result(::PQgetResult(server)), sql); // the sync
        }
        expect(::PQexitPipelineMode(server) == 1, sql);
    }

    /// Gives `visit` each row of the result as a vector of texts.
    template <typename Visit>
    void each_row(std::string const& sql, Visit visit)
    {
        result const rows(::PQexec(connection_.get(), sql.c_str()));
        expect(rows, sql);
        for (int row = 0; row < ::PQntuples(rows.get()); ++row) {
            std::vector<std::string> texts;
            for (int column = 0; column < ::PQnfields(rows.get()); ++column)
                texts.emplace_back(::PQgetvalue(rows.get(), row, column));
            visit(std::as_const(texts));
        }
    }

    /// How the server reads a value, without a loss. Which type it is, the statement says.
    static std::string text_of(std::integral auto value) { return std::to_string(value); }
    static std::string text_of(std::floating_point auto value)
    {
        std::array<char, 64> digits;
        return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr};
    }
    static std::string text_of(std::string_view value)
    {
        if (value.find('\0') != value.npos)
            throw postgres_failure(
                "PostgreSQL: a text with a zero byte at " + std::to_string(value.find('\0'))
                    + ", which no text of PostgreSQL can hold; encode it, and take the column as bytea",
                false);
        return std::string(value);
    }

private:
    struct closing {
        void operator()(::PGconn* one) const { ::PQfinish(one); }
        void operator()(::PGresult* one) const { ::PQclear(one); }
    };
    using result = std::unique_ptr<::PGresult, closing>;

    static std::vector<char const*> pointers(std::vector<std::string>::const_iterator text, std::size_t number)
    {
        std::vector<char const*> all(number);
        std::generate(all.begin(), all.end(), [&] { return (text++)->c_str(); });
        return all;
    }

    void expect(result const& answer, std::string const& what) const
    {
        auto const status = ::PQresultStatus(answer.get()); // of nothing: a fatal error
        if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_PIPELINE_SYNC)
            return;
        auto const* const code = ::PQresultErrorField(answer.get(), PG_DIAG_SQLSTATE);
        std::string_view const state(code == nullptr ? "" : code);
        std::string_view const message(::PQresultErrorMessage(answer.get()));
        fail(what, message.empty() ? ::PQerrorMessage(connection_.get()) : message, may_pass(state));
    }

    void expect(bool sent, std::string const& what) const
    {
        if (!sent)
            fail(what, ::PQerrorMessage(connection_.get()), ::PQstatus(connection_.get()) != CONNECTION_OK);
    }

    /// By the class of the server's code: the connection, transactions that collide, no resources, shut down. Without a
    /// code the server has not said it: libpq lost it, and may believe for one call more that the connection is sound.
    static bool may_pass(std::string_view state)
    {
        return state.empty() || state.starts_with("08") || state.starts_with("40") || state.starts_with("53")
               || state.starts_with("57P");
    }

    [[noreturn]] static void fail(std::string const& what, std::string_view said, bool passing)
    {
        while (said.ends_with('\n'))
            said.remove_suffix(1);
        throw postgres_failure("PostgreSQL: cannot " + what + ": " + std::string(said), passing);
    }

    std::unique_ptr<::PGconn, closing> connection_;
    std::string prepared_; // the statement that the server knows as "each"
};

/// Puts each record, a pair or a tuple, into the $1, $2 and so on of `insert`. The batches are noted in a table of their
/// own, `tidemark_batches`, which is made where it is not there.
///
/// A connection that breaks, a server that is away or starts again, and transactions that collide are waited for: the
/// batch is tried again from its beginning for `patience`, and fails then. When a connection breaks before the answer to
/// a commit is there, the note says what has become of it.
class postgres_sink {
public:
    postgres_sink(std::string connection, std::string insert,
                  std::chrono::milliseconds patience = std::chrono::seconds(60))
        : connection_(std::move(connection))
        , insert_(std::move(insert))
        , patience_(patience)
    {}

    class transaction {
    public:
        transaction(postgres_sink& sink, std::string output, tidemark::batch_time time)
            : sink_(&sink)
            , output_(std::move(output))
            , time_(time)
        {}

        /// Keeps the record: it is sent at the commit, and again if that fails.
        template <typename Record>
        void write(Record const& record)
        {
            width_ = std::tuple_size_v<Record>;
            std::apply([this](auto const&... values) { (texts_.push_back(postgres_database::text_of(values)), ...); },
                       record);
        }

        void commit()
        {
            bool open = true; // by `begin`
            sink_->patiently(output_, time_, [&](postgres_database& database) {
                if (!std::exchange(open, false) && !opened(database, output_, time_))
                    return; // the answer was lost, the commit was not
                database.run_for_each(sink_->insert_, texts_, width_);
                database.run("COMMIT");
            });
            static_cast<void>(sink_.release());
        }

    private:
        struct rolling_back {
            void operator()(postgres_sink* sink) const { sink->roll_back(); }
        };

        std::unique_ptr<postgres_sink, rolling_back> sink_; // owns what is open there; the sink outlives it
        std::string output_;
        tidemark::batch_time time_;
        std::vector<std::string> texts_; // of all records, one behind the other
        std::size_t width_ = 0;
    };

    [[nodiscard]] std::optional<transaction> begin(std::string const& output, tidemark::batch_time time)
    {
        bool open = false;
        patiently(output, time, [&](postgres_database& database) { open = opened(database, output, time); });
        if (open)
            return transaction(*this, output, time);
        return std::nullopt;
    }

private:
    /// Opens a transaction with the note of the batch; opens none and gives false when that is there already. Should the
    /// transaction of a process that was killed still be on its way to it, the note waits for its end.
    static bool opened(postgres_database& database, std::string const& output, tidemark::batch_time time)
    {
        database.run("BEGIN");
        // What is in the checkpoint as done must not be lost by a server that answers before it has written.
        database.run("SELECT set_config('synchronous_commit', 'on', true) "
                     "WHERE current_setting('synchronous_commit') = 'off'");
        if (database.run_with("INSERT INTO tidemark_batches VALUES ($1, $2) ON CONFLICT DO NOTHING", output,
                              time.count())
            == 0) {
            database.run("ROLLBACK");
            return false;
        }
        // More are kept than may ever wait: settings::max_uncommitted is 100 unless it is set.
        database.run_with("DELETE FROM tidemark_batches WHERE output = $1 AND batch < "
                          "(SELECT batch FROM tidemark_batches WHERE output = $1 ORDER BY batch DESC "
                          "LIMIT 1 OFFSET 1000)",
                          output);
        return true;
    }

    void connect()
    {
        if (database_)
            return;
        auto database = std::make_shared<postgres_database>(connection_);
        bool there = false;
        database->each_row("SELECT to_regclass('tidemark_batches') IS NOT NULL",
                           [&](auto const& row) { there = row[0] == "t"; });
        if (!there) // one at a time: two that make a table at once collide, in spite of IF NOT EXISTS
            database->run("BEGIN; SET LOCAL client_min_messages = warning;"
                          "SELECT pg_advisory_xact_lock(hashtext('tidemark_batches'));"
                          "CREATE TABLE IF NOT EXISTS tidemark_batches"
                          "(output text, batch bigint, PRIMARY KEY (output, batch)); COMMIT");
        database_ = std::move(database);
    }

    /// Calls `work` with a connection, again with a new one while that may help. What it had begun on an old connection
    /// the server rolls back.
    template <typename Work>
    void patiently(std::string const& output, tidemark::batch_time time, Work work)
    {
        auto const started = std::chrono::steady_clock::now();
        std::chrono::milliseconds pause(10);
        for (int tried = 1;; ++tried) {
            try {
                connect();
                return work(*database_);
            } catch (postgres_failure const& failure) {
                database_.reset();
                if (failure.passes && std::chrono::steady_clock::now() - started + pause < patience_) {
                    std::this_thread::sleep_for(pause);
                    pause = std::min(2 * pause, std::chrono::milliseconds(1000));
                    continue;
                }
                throw postgres_failure(
                    std::string(failure.what()) + " (batch " + std::to_string(time.count()) + " of " + output + ", "
                        + std::to_string(tried) + " times within " + std::to_string(patience_.count()) + " ms); "
                        + (failure.passes
                               ? "nothing of the batch is lost: see to the server, and start the program again"
                               : "expected a server, a table and a statement that take these records: correct what it "
                                 "says, and start the program again, which repeats the batch"),
                    failure.passes);
            }
        }
    }

    void roll_back() noexcept
    {
        try {
            if (database_)
                database_->run("ROLLBACK");
        } catch (postgres_failure const&) {
            database_.reset(); // the server rolls back what it finds unfinished
        }
    }

    std::string connection_;
    std::string insert_;
    std::chrono::milliseconds patience_;
    std::shared_ptr<postgres_database> database_;
};

} // namespace support
