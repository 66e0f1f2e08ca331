// SPDX-License-Identifier: BSL-1.0
//
// child_process: a program as a process of its own, which a test kills at any moment.

#pragma once

#include <tidemark/core/error.hpp>

#include <map>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tidemark::testing {

/// A process of its own, for what no simulated crash can show: the program as it ships, its threads, and real files.
///
///     child_process victim({"./word_count", "lines/", "state/"});
///     std::this_thread::sleep_for(50ms); // anywhere in a batch or a commit
///     victim.kill();
///     victim.wait();                     // -SIGKILL
///
/// The destructor kills a process that nobody has waited for. *Platforms*: POSIX; `this_program` asks `/proc`. *Threads*: one at a time.
class child_process {
public:
    /// Starts `command`: the path of a program, and its arguments. `environment` replaces variables of this process; what the
    /// program prints goes into the file `output`, or, where that is empty, to where this process prints.
    /// *Throws* `usage_error` when it cannot be started.
    explicit child_process(std::vector<std::string> command, std::map<std::string, std::string> const& environment = {},
                           std::string const& output = "")
    {
        if (command.empty())
            throw usage_error("tidemark::testing::child_process: no command; give the path of a program");
        auto variables = with_own(environment);
        file_actions actions;
        if (!output.empty())
            actions.print_into(output);
        auto const failure = ::posix_spawn(&id_, command.front().c_str(), &actions.all, nullptr,
                                           pointers(command).data(), pointers(variables).data());
        if (failure != 0)
            throw usage_error("tidemark::testing::child_process: cannot start " + command.front() + ": "
                              + std::system_category().message(failure) + "; give the path of a program");
    }
    child_process(child_process const&) = delete;
    child_process& operator=(child_process const&) = delete;
    ~child_process()
    {
        if (!status_) {
            kill();
            wait();
        }
    }

    /// The command that runs this program once more, with other arguments.
    [[nodiscard]] static std::vector<std::string> this_program(std::vector<std::string> arguments)
    {
        arguments.insert(arguments.begin(), "/proc/self/exe");
        return arguments;
    }

    /// Sends SIGKILL, which no process can catch. Does nothing behind `wait`.
    void kill() const
    {
        if (!status_)
            ::kill(id_, SIGKILL);
    }

    /// Waits for its end and gives its exit status, or minus the signal that ended it.
    int wait()
    {
        if (!status_) {
            int status = 0;
            ::waitpid(id_, &status, 0);
            status_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
        }
        return *status_;
    }

private:
    struct file_actions {
        file_actions() { ::posix_spawn_file_actions_init(&all); }
        file_actions(file_actions const&) = delete;
        file_actions& operator=(file_actions const&) = delete;
        ~file_actions() { ::posix_spawn_file_actions_destroy(&all); }

        void print_into(std::string const& file)
        {
            ::posix_spawn_file_actions_addopen(&all, STDOUT_FILENO, file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        }

        posix_spawn_file_actions_t all{};
    };

    /// `name=value` for each variable.
    [[nodiscard]] static std::vector<std::string> with_own(std::map<std::string, std::string> const& environment)
    {
        std::vector<std::string> all;
        for (char** each = ::environ; *each != nullptr; ++each) {
            std::string variable(*each);
            if (!environment.contains(variable.substr(0, variable.find('='))))
                all.push_back(std::move(variable));
        }
        for (auto const& [name, value] : environment)
            all.push_back(name + '=' + value);
        return all;
    }

    /// As the system wants them, with a null behind the last one.
    [[nodiscard]] static std::vector<char*> pointers(std::vector<std::string>& words)
    {
        std::vector<char*> all;
        for (auto& word : words)
            all.push_back(word.data());
        all.push_back(nullptr);
        return all;
    }

    ::pid_t id_ = 0;
    std::optional<int> status_; // once it has ended
};

} // namespace tidemark::testing
