// SPDX-License-Identifier: BSL-1.0
//
// measure: runs a command and prints its processor time in milliseconds and the memory of its largest process in
// kilobytes.

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

namespace {

long milliseconds(timeval time)
{
    return 1000 * static_cast<long>(time.tv_sec) + static_cast<long>(time.tv_usec) / 1000;
}

} // namespace

int main(int count, char** words)
{
    if (count < 2)
        return 2;
    auto const child = fork();
    if (child == 0) {
        execvp(words[1], words + 1);
        _exit(127);
    }
    int status = 0;
    rusage used{};
    if (child < 0 || wait4(child, &status, 0, &used) != child)
        return 2;
    std::printf("%ld %ld\n", milliseconds(used.ru_utime) + milliseconds(used.ru_stime), used.ru_maxrss);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
