// SPDX-License-Identifier: BSL-1.0
//
// faulty_storage: any storage, with the faults of a plan; for tests.

#pragma once

#include <tidemark/storage/detail/failure.hpp>
#include <tidemark/storage/fault_plan.hpp>
#include <tidemark/storage/storage.hpp>
#include <tidemark/storage/storage_file.hpp>
#include <tidemark/storage/storage_lock.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace tidemark {

/// A new file of a `faulty_storage`; a `writable_file`.
class faulty_file {
public:
    faulty_file(storage_file file, fault_plan plan, std::string name, std::string place)
        : file_(std::move(file))
        , plan_(std::move(plan))
        , name_(std::move(name))
        , place_(std::move(place))
    {}

    void append(std::span<std::byte const> bytes)
    {
        std::this_thread::sleep_for(plan_.delay(storage_operation::append, name_));
        if (!plan_.crashed()) {
            fate_.check_append(place_); // what is refused here never reaches the storage: it is not counted
        }
        auto const size = file_.size();
        auto const in_room = static_cast<std::size_t>(reserved_ - std::min(reserved_, size));
        auto const verdict = plan_.judge(storage_operation::append, bytes.size(), std::min(in_room, bytes.size()));
        if (verdict.end != fault_verdict::kind::success) {
            fate_.append_failed();
        }
        if (verdict.flipped_bit) {
            std::vector<std::byte> wrong(bytes.begin(), bytes.end());
            wrong[*verdict.flipped_bit / 8] ^= std::byte{1} << *verdict.flipped_bit % 8;
            file_.append(wrong);
        } else if (verdict.takes_effect() || verdict.bytes != 0) {
            file_.append(bytes.first(verdict.bytes));
        }
        verdict.raise("append to", place_);
    }

    void sync()
    {
        std::this_thread::sleep_for(plan_.delay(storage_operation::sync, name_));
        if (!plan_.crashed()) {
            fate_.check_sync(place_);
        }
        auto const verdict = plan_.judge(storage_operation::sync);
        if (verdict.end != fault_verdict::kind::success) {
            fate_.sync_failed();
        }
        if (verdict.takes_effect()) {
            file_.sync();
        }
        verdict.raise("sync", place_);
    }

    [[nodiscard]] std::size_t write_direct() { return file_.write_direct(); }

    /// An append to the plan, as it takes space.
    bool reserve(std::uint64_t size)
    {
        if (!file_.reserve(0))
            return false;
        auto const now = std::max(file_.size(), reserved_);
        auto const verdict =
            plan_.judge(storage_operation::append, static_cast<std::size_t>(size - std::min(size, now)));
        if (verdict.takes_effect() || verdict.bytes != 0) {
            reserved_ = now + verdict.bytes;
            file_.reserve(reserved_);
        }
        verdict.raise("make room in", place_);
        return true;
    }

    [[nodiscard]] std::uint64_t size() const { return file_.size(); }

private:
    storage_file file_;
    fault_plan plan_;
    std::string name_;
    std::string place_;
    std::uint64_t reserved_ = 0; // for so many bytes there is room
    detail::file_fate fate_;
};

/// Passes each operation on to another storage, unless a `fault_plan` lets it fail; a `storage`.
///
/// A sync that fails is not passed on: what it should have written stays unsynced for ever. A call that a file refuses
/// after an earlier failure is no operation of the plan.
class faulty_storage {
public:
    faulty_storage(any_storage storage, fault_plan plan)
        : storage_(std::move(storage))
        , plan_(std::move(plan))
    {}

    [[nodiscard]] faulty_file create(std::string const& name) const
    {
        auto file = run(storage_operation::create, "create", name, [&] {
            auto made = storage_.create(name);
            plan_.note_name(describe(), name, true);
            return made;
        });
        return {std::move(file), plan_, name, place_of(name)};
    }

    [[nodiscard]] faulty_file overwrite(std::string const& from, std::string const& name) const
    {
        auto file = run(storage_operation::overwrite, "overwrite", from, [&] {
            auto made = storage_.overwrite(from, name);
            plan_.note_name(describe(), from, false);
            plan_.note_name(describe(), name, true);
            return made;
        });
        return {std::move(file), plan_, name, place_of(name)};
    }

    [[nodiscard]] bool recycles() const { return storage_.recycles(); }

    [[nodiscard]] std::vector<std::byte> read(std::string const& name) const
    {
        return run(storage_operation::read, "read", name, [&] {
            expect_visible("read", name);
            return storage_.read(name);
        });
    }

    [[nodiscard]] std::vector<std::byte> read(std::string const& name, std::uint64_t offset, std::uint64_t length) const
    {
        return run(storage_operation::read, "read", name, [&] {
            expect_visible("read", name);
            return storage_.read(name, offset, length);
        });
    }

    [[nodiscard]] std::uint64_t size(std::string const& name) const
    {
        return run(storage_operation::size, "get the size of", name, [&] {
            expect_visible("get the size of", name);
            return storage_.size(name);
        });
    }

    [[nodiscard]] bool exists(std::string const& name) const
    {
        return run(storage_operation::exists, "look for", name,
                   [&] { return !plan_.is_hidden(describe(), name) && storage_.exists(name); });
    }

    [[nodiscard]] std::vector<std::string> list() const
    {
        return run(storage_operation::list, "list", "", [&] { return plan_.shown(describe(), storage_.list()); });
    }

    void rename(std::string const& from, std::string const& to) const
    {
        run(storage_operation::rename, "rename", from, [&] {
            expect_visible("rename", from);
            bool const replaces = storage_.exists(to);
            storage_.rename(from, to);
            plan_.note_name(describe(), from, false);
            if (!replaces)
                plan_.note_name(describe(), to, true);
        });
    }

    void remove(std::string const& name) const
    {
        run(storage_operation::remove, "remove", name, [&] {
            storage_.remove(name);
            plan_.note_name(describe(), name, false);
        });
    }

    void sync_directory() const
    {
        run(storage_operation::sync_directory, "sync", "", [&] { storage_.sync_directory(); });
    }

    [[nodiscard]] storage_lock lock(std::string const& who) const
    {
        return run(storage_operation::lock, "lock", "", [&] { return storage_.lock(who); });
    }

    [[nodiscard]] std::string set_aside() const
    {
        return run(storage_operation::set_aside, "set aside", "", [&] { return storage_.set_aside(); });
    }

    [[nodiscard]] std::string describe() const { return storage_.describe(); }

    /// Its operations are counted, and fail, by the same plan.
    [[nodiscard]] faulty_storage folder(std::string const& name) const { return {storage_.folder(name), plan_}; }

    [[nodiscard]] std::vector<std::string> folders() const
    {
        return run(storage_operation::list, "list the folders of", "", [&] { return storage_.folders(); });
    }

    void remove_folder(std::string const& name) const
    {
        run(storage_operation::remove_folder, "remove", name, [&] { storage_.remove_folder(name); });
    }

private:
    [[nodiscard]] std::string place_of(std::string_view name) const
    {
        return storage_.describe() + (name.empty() ? "" : "/") + std::string(name);
    }

    void expect_visible(std::string_view words, std::string const& name) const
    {
        if (plan_.is_hidden(describe(), name))
            throw detail::storage_failure(words, place_of(name), detail::system_message(ENOENT) + " (it appears late)");
    }

    template <typename Call>
    std::invoke_result_t<Call> run(storage_operation kind, std::string_view words, std::string_view name,
                                   Call call) const
    {
        std::this_thread::sleep_for(plan_.delay(kind, name));
        auto const verdict = plan_.judge(kind);
        if (!verdict.takes_effect()) {
            verdict.raise(words, place_of(name));
        }
        if constexpr (std::is_void_v<std::invoke_result_t<Call>>) {
            call();
            verdict.raise(words, place_of(name));
        } else {
            auto result = call();
            verdict.raise(words, place_of(name));
            return result;
        }
    }

    any_storage storage_;
    fault_plan plan_;
};

} // namespace tidemark
