// SPDX-License-Identifier: BSL-1.0
//
// file_selection: which files Spark's file stream takes in a batch. Ours goes back as far as batches were left out.

#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace spark_model {

struct listed_file {
    std::string name;
    std::int64_t modified = 0; ///< In milliseconds, as all times here.
};

class file_selection {
public:
    /// `ignore_before`: the time of creation if only new files are taken, else 0.
    file_selection(std::int64_t batch, std::int64_t ignore_before)
        : span_(batch * ((60'000 + batch - 1) / batch))
        , ignore_before_(ignore_before)
    {}

    /// The names among `listed` that the batch of `time` takes, sorted. Times ascend from call to call.
    std::vector<std::string> select(std::int64_t time, std::vector<listed_file> const& listed)
    {
        auto const threshold = std::max(ignore_before_, time - span_);
        taken_.erase(taken_.begin(), taken_.lower_bound(time - span_));
        std::vector<std::string> names;
        for (auto const& file : listed)
            if (!file.name.starts_with('.') && threshold < file.modified && file.modified <= time
                && !is_taken(file.name))
                names.push_back(file.name);
        std::sort(names.begin(), names.end());
        taken_[time] = names;
        return names;
    }

private:
    [[nodiscard]] bool is_taken(std::string const& name) const
    {
        return std::any_of(taken_.begin(), taken_.end(), [&](auto const& batch) {
            return std::find(batch.second.begin(), batch.second.end(), name) != batch.second.end();
        });
    }

    std::int64_t span_;
    std::int64_t ignore_before_;
    std::map<std::int64_t, std::vector<std::string>> taken_; ///< By batch, as far as they are remembered.
};

} // namespace spark_model
