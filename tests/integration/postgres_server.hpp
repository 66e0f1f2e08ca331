// SPDX-License-Identifier: BSL-1.0
//
// postgres_server: a PostgreSQL of a test's own, in a new directory, which only this machine reaches; or why there is none.

#pragma once

#include <support/catch.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <csignal>
#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tidemark_test {

/// Makes a database cluster, starts a server for it, and stops both with the test.
///
/// PostgreSQL does not run as root: then it is the user `postgres`, or `nobody`. It listens on a socket in its directory
/// alone, on no port. That lies in /tmp and not in TMPDIR, which may be too long for the name of a socket, or closed to
/// that user.
class postgres_server {
public:
    /// A server that takes connections. Without the programs for one it prints why, and gives nothing.
    [[nodiscard]] static std::unique_ptr<postgres_server> start()
    {
        std::unique_ptr<postgres_server> server(new postgres_server);
        if (auto const why = server->prepare(); !why.empty()) {
            std::cout << "skipped: " << why << std::endl; // what CMake looks for
            return nullptr;
        }
        server->start_again();
        return server;
    }

    postgres_server(postgres_server const&) = delete;
    postgres_server& operator=(postgres_server const&) = delete;
    ~postgres_server()
    {
        stop_immediately();
        std::error_code ignored;
        std::filesystem::remove_all(place_, ignored);
    }

    /// What libpq takes.
    [[nodiscard]] std::string connection() const { return connection_at(socket()); }
    [[nodiscard]] static std::string connection_at(std::filesystem::path const& socket)
    {
        return "host=" + socket.parent_path().string() + " port=5432 user=tidemark dbname=postgres connect_timeout=20";
    }

    [[nodiscard]] std::filesystem::path socket() const { return place_ / ".s.PGSQL.5432"; }

    /// As a crash leaves it: no process ends its transaction, and nothing is written that was not written before.
    void stop_immediately()
    {
        if (id_ == 0)
            return;
        ::kill(id_, SIGQUIT);
        ::waitpid(id_, nullptr, 0);
        id_ = 0;
    }

    /// Returns when it takes connections. Called by the thread that made it, with which it ends.
    void start_again()
    {
        // It is stopped and killed here, but the machine goes on, which keeps what was written, synced or not: without
        // `fsync` the same transactions are there, only sooner. Commits are answered before they are written, unless a
        // session asks for more, which is what the sink has to do.
        id_ = launched({(bin_ / "postgres").string(), "-D", (place_ / "data").string(), "-k", place_.string(), "-c",
                        "listen_addresses=", "-c", "fsync=off", "-c", "synchronous_commit=off", "-c",
                        "wal_writer_delay=10s", "-c", "shared_buffers=8MB", "-c", "max_connections=20"});
        auto const until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (::PQping(connection().c_str()) != PQPING_OK) {
            if (::waitpid(id_, nullptr, WNOHANG) == id_) {
                id_ = 0;
                FAIL("the server has ended: " << log());
            }
            if (std::chrono::steady_clock::now() > until)
                FAIL("the server does not answer: " << log());
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
    }

    /// What it has printed.
    [[nodiscard]] std::string log() const
    {
        std::ifstream in(place_ / "log");
        return {std::istreambuf_iterator<char>(in), {}};
    }

private:
    postgres_server()
        : place_("/tmp/tidemark-postgres-" + std::to_string(::getpid()))
    {
        std::filesystem::remove_all(place_);
        std::filesystem::create_directories(place_);
    }

    /// Makes the cluster. Gives why it cannot.
    std::string prepare()
    {
        if (::geteuid() == 0) {
            user_ = ::getpwnam("postgres");
            if (user_ == nullptr)
                user_ = ::getpwnam("nobody");
            if (user_ == nullptr || ::chown(place_.c_str(), user_->pw_uid, user_->pw_gid) != 0)
                return "PostgreSQL does not run as root, and there is no user postgres or nobody";
        }
        std::string looked;
        for (auto const& folder : folders()) {
            looked += " " + folder.string();
            std::error_code none;
            if (!std::filesystem::exists(folder / "initdb", none)
                || !std::filesystem::exists(folder / "postgres", none))
                continue;
            bin_ = folder;
            if (!succeeds({(bin_ / "postgres").string(), "--version"}) && !copied()) {
                looked += " (which cannot be run: " + log() + ")";
                continue;
            }
            if (!succeeds({(bin_ / "initdb").string(), "-D", (place_ / "data").string(), "--username=tidemark",
                           "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"}))
                FAIL("initdb fails: " << log());
            return "";
        }
        return "there is no PostgreSQL server, `initdb` and `postgres`, in" + looked
               + "; scripts/install-dependencies tests brings one";
    }

    /// Where a server may be installed, or only unpacked.
    static std::vector<std::filesystem::path> folders()
    {
        std::vector<std::filesystem::path> all;
        if (auto const* const named = std::getenv("TIDEMARK_POSTGRES"))
            all.emplace_back(named);
        if (std::unique_ptr<std::FILE, int (*)(std::FILE*)> const told(::popen("pg_config --bindir 2>&-", "r"),
                                                                       ::pclose);
            told) {
            char line[4096] = "";
            if (std::fgets(line, sizeof line, told.get()) != nullptr)
                all.emplace_back(std::string(line, std::string(line).find('\n')));
        }
        std::vector<std::filesystem::path> roots{"/usr/lib/postgresql"};
        if (auto const* const unpacked = std::getenv("TIDEMARK_POSTGRES_UNPACKED"))
            roots.push_back(std::filesystem::path(unpacked) / "usr/lib/postgresql");
        for (auto const& root : roots) {
            std::error_code none;
            for (auto const& version : std::filesystem::directory_iterator(root, none))
                all.push_back(version.path() / "bin");
        }
        return all;
    }

    /// Brings a server that was unpacked where its user cannot go, to where he can. It finds its files by its own place.
    bool copied()
    {
        auto const root = bin_.parent_path().parent_path().parent_path().parent_path().parent_path(); // of usr/lib/...
        auto const* const unpacked = std::getenv("TIDEMARK_POSTGRES_UNPACKED");
        if (unpacked == nullptr || root != std::filesystem::path(unpacked))
            return false;
        std::filesystem::copy(root / "usr", place_ / "usr",
                              std::filesystem::copy_options::recursive | std::filesystem::copy_options::copy_symlinks);
        bin_ = place_ / std::filesystem::relative(bin_, root);
        return succeeds({(bin_ / "postgres").string(), "--version"});
    }

    [[nodiscard]] bool succeeds(std::vector<std::string> const& arguments) const
    {
        int status = 0;
        ::waitpid(launched(arguments), &status, 0);
        return WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }

    /// Runs a program as the user of the server, who goes when this process goes.
    [[nodiscard]] pid_t launched(std::vector<std::string> arguments) const
    {
        std::vector<char*> words;
        for (auto& argument : arguments)
            words.push_back(argument.data());
        words.push_back(nullptr);
        auto const printed = place_ / "log";
        auto const parent = ::getpid();
        auto const id = ::fork();
        REQUIRE(id >= 0);
        if (id != 0)
            return id;
        auto const file = ::open(printed.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        ::dup2(file, STDOUT_FILENO);
        ::dup2(file, STDERR_FILENO);
        bool const ready =
            user_ == nullptr
            || (::setgroups(0, nullptr) == 0 && ::setgid(user_->pw_gid) == 0 && ::setuid(user_->pw_uid) == 0);
        ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
        if (ready && ::getppid() == parent && ::chdir(place_.c_str()) == 0)
            ::execv(words[0], words.data());
        std::perror(words[0]);
        ::_exit(127);
    }

    std::filesystem::path place_;
    std::filesystem::path bin_;
    passwd const* user_ = nullptr; // who runs it, where that is not the user of this process
    pid_t id_ = 0;
};

} // namespace tidemark_test
