// SPDX-License-Identifier: BSL-1.0
//
// sqlite_sink: a table of an SQLite database as the sink of save_in_transactions.

#pragma once

#include <tidemark/time/batch_time.hpp>

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <sqlite3.h>

namespace support {

/// What SQLite refuses, in its words.
struct sqlite_failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// An open database. One thread at a time.
class sqlite_database {
public:
    explicit sqlite_database(std::filesystem::path const& file)
    {
        ::sqlite3* opened = nullptr;
        auto const result = ::sqlite3_open(file.c_str(), &opened);
        database_.reset(opened);
        expect(result == SQLITE_OK, "open " + file.string());
        ::sqlite3_busy_timeout(database_.get(), 10'000); // milliseconds, while somebody else writes
    }

    void run(std::string const& sql)
    {
        expect(::sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK, sql);
    }

    /// Runs a statement without a result, with these values for its question marks. Gives how many rows it has changed.
    template <typename... Values>
    int run_with(std::string const& sql, Values const&... values)
    {
        auto const statement = prepared(sql);
        int place = 0;
        (expect(bind(statement.get(), ++place, values) == SQLITE_OK, sql), ...);
        expect(::sqlite3_step(statement.get()) == SQLITE_DONE, sql);
        return ::sqlite3_changes(database_.get());
    }

    /// Gives `visit` each row of the result as a vector of texts.
    template <typename Visit>
    void each_row(std::string const& sql, Visit visit)
    {
        auto const statement = prepared(sql);
        int step = SQLITE_ROW;
        while ((step = ::sqlite3_step(statement.get())) == SQLITE_ROW) {
            std::vector<std::string> row;
            for (int column = 0; column < ::sqlite3_column_count(statement.get()); ++column)
                row.emplace_back(reinterpret_cast<char const*>(::sqlite3_column_text(statement.get(), column)));
            visit(std::as_const(row));
        }
        expect(step == SQLITE_DONE, sql);
    }

private:
    struct closing {
        void operator()(::sqlite3* one) const { ::sqlite3_close_v2(one); }
        void operator()(::sqlite3_stmt* one) const { ::sqlite3_finalize(one); }
    };

    [[nodiscard]] std::unique_ptr<::sqlite3_stmt, closing> prepared(std::string const& sql)
    {
        ::sqlite3_stmt* made = nullptr;
        expect(::sqlite3_prepare_v2(database_.get(), sql.c_str(), -1, &made, nullptr) == SQLITE_OK, sql);
        return std::unique_ptr<::sqlite3_stmt, closing>(made);
    }

    static int bind(::sqlite3_stmt* statement, int place, std::integral auto value)
    {
        return ::sqlite3_bind_int64(statement, place, static_cast<std::int64_t>(value));
    }
    static int bind(::sqlite3_stmt* statement, int place, std::floating_point auto value)
    {
        return ::sqlite3_bind_double(statement, place, value);
    }
    static int bind(::sqlite3_stmt* statement, int place, std::string_view value)
    {
        return ::sqlite3_bind_text64(statement, place, value.data(), value.size(), nullptr, SQLITE_UTF8);
    }

    void expect(bool holds, std::string const& what) const
    {
        if (!holds)
            throw sqlite_failure("SQLite: cannot " + what + ": " + ::sqlite3_errmsg(database_.get()));
    }

    std::unique_ptr<::sqlite3, closing> database_;
};

/// Puts each record, a pair or a tuple, into the question marks of `insert`. The batches are noted in a table of their
/// own, `tidemark_batches`, which is made where it is not there.
class sqlite_sink {
public:
    sqlite_sink(std::filesystem::path file, std::string insert)
        : file_(std::move(file))
        , insert_(std::move(insert))
    {}

    class transaction {
    public:
        transaction(std::shared_ptr<sqlite_database> database, std::string const& insert)
            : database_(std::move(database))
            , insert_(&insert)
        {}
        transaction(transaction&&) = default;
        transaction& operator=(transaction&&) = default;
        ~transaction()
        {
            if (!database_)
                return;
            try {
                database_->run("ROLLBACK");
            } catch (sqlite_failure const&) { // SQLite has rolled it back already
            }
        }

        template <typename Record>
            requires requires { std::tuple_size<Record>::value; } // a column for each element
        void write(Record const& record)
        {
            std::apply([this](auto const&... values) { database_->run_with(*insert_, values...); }, record);
        }

        void commit()
        {
            database_->run("COMMIT");
            database_.reset();
        }

    private:
        std::shared_ptr<sqlite_database> database_;
        std::string const* insert_; // of the sink, which outlives it
    };

    [[nodiscard]] std::optional<transaction> begin(std::string const& output, tidemark::batch_time time)
    {
        if (!database_) {
            database_ = std::make_shared<sqlite_database>(file_);
            database_->run("CREATE TABLE IF NOT EXISTS tidemark_batches"
                           "(output TEXT, batch INTEGER, PRIMARY KEY (output, batch)) WITHOUT ROWID");
        }
        database_->run("BEGIN IMMEDIATE");
        transaction opened(database_, insert_);
        if (database_->run_with("INSERT OR IGNORE INTO tidemark_batches VALUES (?, ?)", output, time.count()) == 0)
            return std::nullopt;
        // More are kept than may ever wait: settings::max_uncommitted is 100 unless it is set.
        database_->run_with("DELETE FROM tidemark_batches WHERE output = ?1 AND batch < "
                            "(SELECT batch FROM tidemark_batches WHERE output = ?1 ORDER BY batch DESC "
                            "LIMIT 1 OFFSET 1000)",
                            output);
        return opened;
    }

private:
    std::filesystem::path file_;
    std::string insert_;
    std::shared_ptr<sqlite_database> database_;
};

} // namespace support
