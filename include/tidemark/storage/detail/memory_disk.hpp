// SPDX-License-Identifier: BSL-1.0
//
// memory_disk: files and names in memory, and what a loss of power makes of those that were not synced.

#pragma once

#include <tidemark/storage/detail/seeded.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace tidemark::detail {

/// The bytes of a file: `written` ones, of which the first `synced` ones survive a loss of power, and behind them what is
/// left of an earlier use.
struct memory_bytes {
    std::vector<std::byte> bytes;
    std::size_t written = 0;
    std::size_t synced = 0;
    std::vector<std::byte> earlier; ///< the whole file in its earlier use
    std::size_t room = 0;           ///< up to here it is filled with zeros
    std::size_t synced_room = 0;    ///< up to here these survive a loss of power

    void append(std::span<std::byte const> some)
    {
        bytes.resize(std::max(bytes.size(), written + some.size()));
        std::copy(some.begin(), some.end(), bytes.begin() + static_cast<std::ptrdiff_t>(written));
        written += some.size();
    }

    void sync()
    {
        synced = written;
        synced_room = room;
    }

    void reserve(std::size_t size)
    {
        room = std::max(room, size);
        bytes.resize(std::max(bytes.size(), size));
    }

    /// What is appended from now on lies at the beginning.
    void begin_again()
    {
        earlier = bytes;
        written = synced = room = synced_room = 0;
    }

    /// What lies at `at` when nothing reached the disk there.
    [[nodiscard]] std::byte unwritten(std::size_t at) const { return at < earlier.size() ? earlier[at] : std::byte{}; }
};

using memory_names = std::map<std::string, std::shared_ptr<memory_bytes>>;

/// A file that was created (no `from`), renamed, or removed (no `to`).
struct name_change {
    std::string from;
    std::string to;
    std::shared_ptr<memory_bytes> file;
    std::string directory; ///< The one by whose sync it becomes durable, with a slash at its end; empty for the top.

    void apply_to(memory_names& names) const
    {
        if (auto const found = names.find(from); found != names.end() && found->second == file) {
            names.erase(found);
        }
        if (from.empty()) {
            names.try_emplace(to, file); // what has the name still, as its renaming was lost, does not vanish
        } else if (!to.empty()) {
            names[to] = file;
        }
    }
};

/// What a running system sees, and what is on the disk.
class memory_disk {
public:
    [[nodiscard]] memory_names const& names() const { return names_; }

    void change(name_change some)
    {
        some.apply_to(names_);
        pending_.push_back(std::move(some));
    }

    /// Makes durable what was changed in one directory.
    void sync_names(std::string const& directory)
    {
        std::erase_if(pending_, [&](name_change const& some) {
            if (some.directory != directory) {
                return false;
            }
            some.apply_to(durable_);
            return true;
        });
    }

    /// What is beneath `directory`, as a disk of its own on which all names are durable; here it is gone.
    [[nodiscard]] memory_disk cut_out(std::string const& directory)
    {
        auto const inside = [&](std::string const& path) { return path.starts_with(directory); };
        memory_disk part;
        for (auto const& [path, file] : names_) {
            if (inside(path)) {
                part.names_.emplace(path.substr(directory.size()), file);
            }
        }
        part.durable_ = part.names_;
        std::erase_if(names_, [&](auto const& one) { return inside(one.first); });
        std::erase_if(durable_, [&](auto const& one) { return inside(one.first); });
        std::erase_if(pending_,
                      [&](name_change const& some) { return inside(some.from.empty() ? some.to : some.from); });
        return part;
    }

    /// As another process sees it after this one was killed: nothing is lost, and nothing has become more durable.
    [[nodiscard]] memory_disk copy() const
    {
        copies done;
        memory_disk result;
        result.names_ = copied(names_, done);
        result.durable_ = copied(durable_, done);
        for (auto const& [from, to, file, directory] : pending_) {
            result.pending_.push_back({from, to, done.of(file), directory});
        }
        return result;
    }

    /// As a system finds it after a loss of power; another subset of what was not synced survives for each seed.
    [[nodiscard]] memory_disk after_power_loss(std::uint64_t seed) const
    {
        seeded random(seed);
        memory_names names = durable_;
        auto const fate = static_cast<loss>(random.below(4));
        std::size_t const some = random.below(pending_.size() + 1);
        for (std::size_t i = 0; i < pending_.size(); ++i) {
            if (fate == loss::none || (fate == loss::end && i < some) || (fate == loss::pieces && random.coin())) {
                pending_[i].apply_to(names);
            }
        }
        memory_disk result;
        copies done;
        result.names_ = copied(names, done);
        for (auto const& [name, file] : result.names_) { // in order, so that a seed means the same each time
            lose_unsynced(*file, random);
        }
        result.durable_ = result.names_;
        return result;
    }

private:
    /// What becomes of all that was not synced. The extremes are as likely as what lies between them.
    enum class loss : std::uint8_t { everything, none, end, pieces };

    /// Each file is copied once, whatever its number of names.
    struct copies {
        std::map<memory_bytes const*, std::shared_ptr<memory_bytes>> made;

        std::shared_ptr<memory_bytes> of(std::shared_ptr<memory_bytes> const& file)
        {
            auto& copy = made[file.get()];
            return copy ? copy : copy = std::make_shared<memory_bytes>(*file);
        }
    };

    static memory_names copied(memory_names const& names, copies& done)
    {
        memory_names result;
        for (auto const& [name, file] : names) {
            result.emplace(name, done.of(file));
        }
        return result;
    }

    /// Cuts what was written, loses pieces of it, or both: a later sector may be on the disk before an earlier one. What was there
    /// earlier shows where there is nothing else.
    static void lose_unsynced(memory_bytes& file, seeded& random)
    {
        static constexpr std::array<std::size_t, 4> grains{1, 16, 512, 4096};
        static constexpr std::size_t sector = 512; // which a disk writes as a whole
        auto const fate = static_cast<loss>(random.below(4));
        auto const grain = grains[random.below(grains.size())];
        bool const is_cut = fate == loss::end || (fate == loss::pieces && (grain < sector || random.coin()));
        std::size_t kept = fate == loss::everything ? file.synced : file.written;
        if (is_cut) {
            kept = file.synced + random.below(file.written - file.synced + 1);
        }
        file.bytes.resize(kept);
        if (fate == loss::pieces) {
            for (std::size_t at = file.synced; at < kept;) {
                std::size_t const end = std::min((at / grain + 1) * grain, kept);
                bool const is_lost = random.coin();
                for (; at < end; ++at) {
                    file.bytes[at] = is_lost ? file.unwritten(at) : file.bytes[at];
                }
            }
        }
        for (std::size_t at = kept; at < file.earlier.size(); ++at) {
            file.bytes.push_back(file.earlier[at]);
        }
        bool const all_room = file.room != file.synced_room && random.coin();
        file.bytes.resize(std::max(file.bytes.size(), all_room ? file.room : file.synced_room));
        file.room = file.synced_room = 0;
        file.written = file.synced = file.bytes.size();
        file.earlier.clear();
    }

    memory_names names_;               // what a process sees
    memory_names durable_;             // what is on the disk for sure
    std::vector<name_change> pending_; // what leads from there to here
};

} // namespace tidemark::detail
