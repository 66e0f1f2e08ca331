// SPDX-License-Identifier: BSL-1.0
//
// checkpoint_dataset: a collection that is written to files, or cut into the block store, when it is first computed.

#pragma once

#include <tidemark/core/error.hpp>
#include <tidemark/execution/collect_sink.hpp>
#include <tidemark/execution/pipeline.hpp>
#include <tidemark/execution/rdd_environment.hpp>
#include <tidemark/rdd/block_keeper.hpp>
#include <tidemark/rdd/checkpoint_files.hpp>
#include <tidemark/rdd/persisted_dataset.hpp>

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark {

/// How far the checkpoint of an rdd has come.
enum class checkpoint_progress : unsigned char {
    initialized, ///< None was asked for.
    marked,      ///< To be made by the next action; also after an attempt that failed.
    in_progress, ///< It is being made.
    checkpointed
};

/// In the words of Spark.
[[nodiscard]] constexpr std::string_view to_string(checkpoint_progress progress)
{
    switch (progress) {
    case checkpoint_progress::initialized:
        return "initialized";
    case checkpoint_progress::marked:
        return "marked";
    case checkpoint_progress::in_progress:
        return "in progress";
    case checkpoint_progress::checkpointed:
        break;
    }
    return "checkpointed";
}

/// A collection with a checkpoint, whatever its records are.
class has_checkpoint {
public:
    has_checkpoint() = default;
    has_checkpoint(has_checkpoint const&) = delete;
    has_checkpoint& operator=(has_checkpoint const&) = delete;
    virtual ~has_checkpoint() = default;

    [[nodiscard]] virtual checkpoint_progress progress() const = 0;
    /// Where its files are; nothing before they are there, and for a local checkpoint.
    [[nodiscard]] virtual std::optional<checkpoint_folder> folder() const { return std::nullopt; }
};

/// The same with records.
template <typename Record>
class has_checkpoint_of : public has_checkpoint {
public:
    /// What it stands on; null once the checkpoint is there.
    [[nodiscard]] virtual dataset_ptr<Record> uncut() const = 0;
};

/// The pipeline that a checkpoint cuts off, and how far that has come. `Result` is what takes its place.
///
/// *Threads*: all calls, at once.
template <typename Chain, typename Result>
class cut_point {
public:
    explicit cut_point(pipeline<Chain> line)
        : line_(std::make_shared<pipeline<Chain> const>(std::move(line)))
    {}

    /// Null before it is there.
    [[nodiscard]] std::shared_ptr<Result> result() const
    {
        std::scoped_lock const lock(mutex_);
        return result_;
    }
    /// Null afterwards.
    [[nodiscard]] std::shared_ptr<pipeline<Chain> const> line() const
    {
        std::scoped_lock const lock(mutex_);
        return line_;
    }
    [[nodiscard]] checkpoint_progress progress() const
    {
        std::scoped_lock const lock(mutex_);
        return progress_;
    }

    /// `make(line)` gives the result, once; when it throws, nothing has happened.
    template <typename Make>
    void make_once(Make make)
    {
        std::scoped_lock const once(making_);
        if (result())
            return;
        auto last = line();
        set(checkpoint_progress::in_progress);
        try {
            auto made = make(*last);
            std::scoped_lock const lock(mutex_);
            result_ = std::move(made);
            progress_ = checkpoint_progress::checkpointed;
            line_.reset(); // and what it was made from may go, when `last` does
        } catch (...) {
            set(checkpoint_progress::marked);
            throw;
        }
    }

private:
    void set(checkpoint_progress progress)
    {
        std::scoped_lock const lock(mutex_);
        progress_ = progress;
    }

    std::mutex making_;
    mutable std::mutex mutex_; // guards all below
    std::shared_ptr<pipeline<Chain> const> line_;
    std::shared_ptr<Result> result_;
    checkpoint_progress progress_ = checkpoint_progress::marked;
};

/// The collection that `checkpoint` makes: written when it is first made ready, and read from its files from then on.
template <typename Chain>
class checkpoint_dataset final : public dataset<typename Chain::output>,
                                 public has_checkpoint_of<typename Chain::output> {
public:
    using record_type = typename Chain::output;

    /// *Requires* a `directory`.
    checkpoint_dataset(pipeline<Chain> line, rdd_environment const& where)
        : point_(std::move(line))
        , directory_(*where.checkpoints)
        , clean_(where.clean_checkpoints)
    {}
    checkpoint_dataset(checkpoint_dataset const&) = delete;
    checkpoint_dataset& operator=(checkpoint_dataset const&) = delete;
    ~checkpoint_dataset() override
    {
        if (!clean_ || !folder_)
            return;
        try {
            folder_->remove();
        } catch (...) { // the files stay: nobody is there to be told
        }
    }

    [[nodiscard]] std::size_t partitions() const override
    {
        auto const line = point_.line();
        return line ? line->partitions() : point_.result()->partitions();
    }
    [[nodiscard]] std::vector<lineage_edge> parents() const override
    {
        if (auto const line = point_.line())
            return {line->edge()};
        return {{point_.result()}};
    }
    [[nodiscard]] bool holds_records() const override { return point_.result() != nullptr; }
    [[nodiscard]] std::optional<key_partitioning> partitioning() const override
    {
        auto const line = point_.line();
        return line ? line->partitioning() : point_.result()->partitioning();
    }
    [[nodiscard]] std::string describe() const override { return "checkpoint"; }

    void prepare(any_executor const& executor) override
    {
        point_.make_once([&](pipeline<Chain> const& line) {
            auto rule = line.partitioning();
            auto written = write_checkpoint(line, directory_, executor, leftovers_);
            written.mark.partitioning = std::move(rule); // in this program a rule of its own is still known
            auto made =
                std::make_shared<checkpoint_files<record_type>>(written.folder.files(), std::move(written.mark));
            std::scoped_lock const lock(mutex_);
            folder_ = std::move(written.folder);
            return made;
        });
    }

    void feed(std::size_t partition, any_sink<record_type>& out) override { point_.result()->feed(partition, out); }

    [[nodiscard]] checkpoint_progress progress() const override { return point_.progress(); }
    [[nodiscard]] std::optional<checkpoint_folder> folder() const override
    {
        std::scoped_lock const lock(mutex_);
        return folder_;
    }
    [[nodiscard]] dataset_ptr<record_type> uncut() const override
    {
        auto const line = point_.line();
        return line ? as_dataset(*line) : nullptr;
    }

private:
    cut_point<Chain, checkpoint_files<record_type>> point_;
    any_storage directory_;
    bool clean_;
    std::vector<std::string> leftovers_; // of attempts that failed, one at a time
    mutable std::mutex mutex_;
    std::optional<checkpoint_folder> folder_; // guarded by `mutex_`
};

/// The partitions of a local checkpoint: there is nothing that they could be computed from again.
template <typename Record>
class local_blocks final : public dataset<Record> {
public:
    local_blocks(std::shared_ptr<block_store> store, block_level level, std::size_t partitions,
                 std::optional<key_partitioning> keys)
        : blocks(std::move(store), level, true)
        , partitions_(partitions)
        , keys_(std::move(keys))
    {}

    [[nodiscard]] std::size_t partitions() const override { return partitions_; }
    [[nodiscard]] bool holds_records() const override { return true; }
    [[nodiscard]] std::optional<key_partitioning> partitioning() const override { return keys_; }
    [[nodiscard]] std::string describe() const override
    {
        return detail::described("local checkpoint in memory and on disk", blocks.level(), blocks.kept());
    }
    void lose(std::size_t partition) override { blocks.drop(partition); }

    void feed(std::size_t partition, any_sink<Record>& out) override
    {
        auto const rows = blocks.find(partition);
        if (!rows)
            throw checkpoint_error("block " + blocks.name(partition)
                                   + " of a local checkpoint is not found: it was "
                                     "lost, or the rdd was unpersisted, and what it was computed from is gone; use "
                                     "checkpoint(), which keeps it in files");
        feed_row(*rows, out);
    }

    block_keeper<Record> blocks;

private:
    std::size_t partitions_;
    std::optional<key_partitioning> keys_;
};

/// The collection that `local_checkpoint` makes: kept in the block store when it is first made ready, and cut off.
template <typename Chain>
class local_checkpoint_dataset final : public dataset<typename Chain::output>,
                                       public has_checkpoint_of<typename Chain::output>,
                                       public keeps_blocks {
public:
    using record_type = typename Chain::output;

    /// *Requires* a `level` with disk.
    local_checkpoint_dataset(pipeline<Chain> line, std::shared_ptr<block_store> store, block_level level)
        : point_(std::move(line))
        , store_(std::move(store))
        , level_(level)
    {}

    [[nodiscard]] std::size_t partitions() const override
    {
        auto const line = point_.line();
        return line ? line->partitions() : point_.result()->partitions();
    }
    [[nodiscard]] std::vector<lineage_edge> parents() const override
    {
        if (auto const line = point_.line())
            return {line->edge()};
        return {{point_.result()}};
    }
    [[nodiscard]] bool holds_records() const override { return point_.result() != nullptr; }
    [[nodiscard]] std::optional<key_partitioning> partitioning() const override
    {
        auto const line = point_.line();
        return line ? line->partitioning() : point_.result()->partitioning();
    }
    [[nodiscard]] std::string describe() const override
    {
        return "local_checkpoint [" + std::string(name_of(level_)) + "]";
    }

    void prepare(any_executor const& executor) override
    {
        point_.make_once([&](pipeline<Chain> const& line) {
            auto made =
                std::make_shared<local_blocks<record_type>>(store_, level_, line.partitions(), line.partitioning());
            auto one = [&](std::size_t partition) {
                row<record_type> records;
                line.run(partition, collect_sink<record_type>(records));
                made->blocks.keep(partition, std::make_shared<row<record_type> const>(std::move(records)));
            };
            executor.attempt(line.partitions(), one);
            return made;
        });
    }

    void lose(std::size_t partition) override
    {
        if (auto const made = point_.result())
            made->lose(partition);
    }

    void feed(std::size_t partition, any_sink<record_type>& out) override { point_.result()->feed(partition, out); }

    [[nodiscard]] checkpoint_progress progress() const override { return point_.progress(); }
    [[nodiscard]] dataset_ptr<record_type> uncut() const override
    {
        auto const line = point_.line();
        return line ? as_dataset(*line) : nullptr;
    }

    [[nodiscard]] storage_info info() const override
    {
        auto const made = point_.result();
        return {level_, partitions(), made ? made->blocks.kept() : kept_blocks{}};
    }
    void unpersist() override
    {
        if (auto const made = point_.result())
            made->blocks.drop_all();
    }

private:
    cut_point<Chain, local_blocks<record_type>> point_;
    std::shared_ptr<block_store> store_;
    block_level level_;
};

} // namespace tidemark
