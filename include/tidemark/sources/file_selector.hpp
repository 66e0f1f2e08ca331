// SPDX-License-Identifier: BSL-1.0
//
// file_selector: which of the files in a directory belong to a batch.

#pragma once

#include <tidemark/storage/input_file.hpp>
#include <tidemark/time/batch_time.hpp>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark {

/// What to do with files that are older than the application.
enum class read_existing : unsigned char {
    none,   ///< Leave them: only files modified after the start count.
    recent, ///< Take those that the remembered span still covers at the first batch.
    all,    ///< Take all of them in the first batch.
};

/// Accepts a file name that does not begin with a dot.
[[nodiscard]] inline bool not_hidden(std::string_view name) { return !name.starts_with('.'); }

/// For how long a file stream remembers what it has taken: whole batches that make up `at_least`.
[[nodiscard]] constexpr duration remembered_span(duration batch, duration at_least)
{
    return batch * ((at_least + batch - duration(1)) / batch);
}

/// Where a selection stands: all that its further choices depend on.
struct file_selection {
    std::int64_t threshold = 0; ///< Files modified then or earlier are never taken, in milliseconds since the epoch.
    bool all = false;           ///< The existing files are still to be taken, whatever their age.
    std::optional<std::int64_t> next; ///< The earliest batch that has not seen the directory; nothing before the first.
    std::map<std::int64_t, std::vector<std::string>> taken; ///< The remembered batches and their files.

    template <typename Archive>
    void serialize(Archive& archive, unsigned)
    {
        archive & threshold & all & next & taken;
    }
};

/// Says by its name whether a file may be taken.
using file_name_filter = std::function<bool(std::string_view name)>;

/// The rules of a file stream, without a file system.
///
/// A file belongs to the batch of time T when the filter accepts its name, it was modified after the threshold and not
/// after T, and no remembered batch has taken it. The threshold is T less the remembered span, and never before the
/// start unless older files were asked for. When batches were left out, or could not list the directory, it is that of
/// the first of them: a gap loses no file.
template <std::predicate<std::string_view> Filter>
class basic_file_selector {
    struct take_all {
        void operator()(std::vector<file_info> const&) const {}
    };

public:
    /// A selection that begins at `created`. *Requires* a positive batch and remembered duration.
    basic_file_selector(duration batch, duration remember_at_least, read_existing existing, batch_time created,
                        Filter accepts)
        : batch_(batch)
        , span_(remembered_span(batch, remember_at_least))
        , accepts_(std::move(accepts))
    {
        if (existing == read_existing::none)
            at_.threshold = created.count();
        if (existing == read_existing::all)
            at_.threshold = std::numeric_limits<std::int64_t>::min();
        at_.all = existing == read_existing::all;
    }

    /// Whether the file `path` may be taken once its time is known to fit.
    [[nodiscard]] bool may_take(std::string const& path) const
    {
        auto const name = std::string_view(path).substr(path.rfind('/') + 1);
        return accepts_(name) && !names_.contains(path);
    }

    /// The files among `listed` that belong to the batch of `time`, sorted by path; they are remembered. Times ascend
    /// from call to call. When `approve(files)` throws, none of them is taken, and a later batch sees them again.
    template <typename Approve = take_all>
    [[nodiscard]] std::vector<file_info> select(batch_time time, std::vector<file_info> listed,
                                                Approve const& approve = {})
    {
        miss(time);
        advance_threshold();
        note_late(listed);
        std::erase_if(listed, [&](file_info const& file) {
            return file.modified <= at_.threshold || file.modified > time.count() || !may_take(file.path);
        });
        std::sort(listed.begin(), listed.end(), by_path);
        listed.erase(std::unique(listed.begin(), listed.end(), same_path), listed.end());
        approve(std::as_const(listed));
        remember(time, listed);
        return listed;
    }

    /// The batch of `time` could not see the directory: a later one takes what it missed.
    void miss(batch_time time)
    {
        if (!at_.next)
            at_.next = time.count();
    }

    /// Takes `files` as selected for `time` by an earlier run, under the threshold that was in force then.
    void replay(batch_time time, std::int64_t threshold, std::vector<file_info> const& files)
    {
        at_.threshold = threshold;
        remember(time, files);
    }

    /// As `miss`, in an earlier run.
    void replay_miss(batch_time time, std::int64_t threshold)
    {
        at_.threshold = threshold;
        miss(time);
    }

    [[nodiscard]] file_selection const& position() const { return at_; }

    /// The files that the last selection saw for the first time and passed over, since they were modified too long ago;
    /// sorted by path. Those that the first selection of this run finds are none: they may be old acquaintances.
    [[nodiscard]] std::vector<file_info> const& late() const { return late_; }

    /// Goes on from where another selection stood.
    void seek(file_selection position)
    {
        at_ = std::move(position);
        names_.clear();
        for (auto const& [time, paths] : at_.taken)
            names_.insert(paths.begin(), paths.end());
    }

private:
    static bool by_path(file_info const& left, file_info const& right) { return left.path < right.path; }
    static bool same_path(file_info const& left, file_info const& right) { return left.path == right.path; }

    /// It only ever rises: what it has passed need not be remembered.
    void advance_threshold()
    {
        if (!at_.all)
            at_.threshold = std::max(at_.threshold, *at_.next - span_.count());
        forgotten_.clear();
        while (!at_.taken.empty() && at_.taken.begin()->first < at_.threshold) {
            for (auto& path : at_.taken.begin()->second) {
                names_.erase(path);
                forgotten_.push_back(std::move(path));
            }
            at_.taken.erase(at_.taken.begin());
        }
    }

    /// Tells the files that are too old and new here from those that were there before: left at the first selection,
    /// told already, or taken and forgotten since.
    void note_late(std::vector<file_info> const& listed)
    {
        late_.clear();
        old_.insert(forgotten_.begin(), forgotten_.end());
        std::set<std::string> old;
        for (auto const& file : listed) {
            if (file.modified > at_.threshold || !may_take(file.path))
                continue;
            if (auto known = old_.extract(file.path))
                old.insert(std::move(known));
            else if (old.insert(file.path).second && has_selected_)
                late_.push_back(file);
        }
        for (auto const& path : forgotten_) // they may be in the next listing only
            if (auto known = old_.extract(path))
                old.insert(std::move(known));
        old_ = std::move(old);
        has_selected_ = true;
        std::sort(late_.begin(), late_.end(), by_path);
    }

    void remember(batch_time time, std::vector<file_info> const& files)
    {
        for (auto const& file : files) {
            at_.taken[time.count()].push_back(file.path);
            names_.insert(file.path);
        }
        at_.all = false;
        at_.next = (time + batch_).count();
    }

    duration batch_;
    duration span_;
    Filter accepts_;
    file_selection at_;
    std::set<std::string> names_;        ///< All that `at_.taken` holds.
    std::set<std::string> old_;          ///< What the last selection saw and did not take for its age, for ever.
    std::vector<std::string> forgotten_; ///< Names that have left `names_` at this selection.
    std::vector<file_info> late_;
    bool has_selected_ = false;
};

/// The same with a filter of whatever type.
using file_selector = basic_file_selector<file_name_filter>;

} // namespace tidemark
