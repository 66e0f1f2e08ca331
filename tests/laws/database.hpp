// SPDX-License-Identifier: BSL-1.0
//
// database: tables that outlive the processes of a test, written in transactions by one that may have died already.

#pragma once

#include <tidemark/storage/fault_plan.hpp>
#include <tidemark/time/batch_time.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace laws {

using row = std::pair<std::string, int>;

/// What each batch of each output has written.
using tables = std::map<std::string, std::map<std::int64_t, std::vector<row>>>;

struct database {
    tables* all;
    tidemark::fault_plan plan;           // of the process
    std::set<std::int64_t> refused = {}; // the times of batches that it does not take

    class transaction {
    public:
        transaction(tables& into, std::string output, std::int64_t time, tidemark::fault_plan plan)
            : into_(&into)
            , output_(std::move(output))
            , time_(time)
            , plan_(std::move(plan))
        {}
        void write(row const& each) { rows_.push_back(each); }
        void commit()
        {
            if (!plan_.crashed())
                (*into_)[output_].emplace(time_, std::move(rows_));
        }

    private:
        tables* into_;
        std::string output_;
        std::int64_t time_;
        tidemark::fault_plan plan_;
        std::vector<row> rows_;
    };

    std::optional<transaction> begin(std::string const& output, tidemark::batch_time time)
    {
        if (refused.contains(time.count()))
            throw std::runtime_error("the database takes no batch of " + to_string(time));
        if ((*all)[output].contains(time.count()))
            return std::nullopt;
        return transaction(*all, output, time.count(), plan);
    }
};

} // namespace laws
