// Runs a command with its output thrown away and prints what it took, tab-separated: wall-clock, user and
// system time in seconds, the largest resident set and, sampled, the most anonymous memory in KiB.
//
//     bench_analyze_measure COMMAND [ARGUMENT...]
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

/// RssAnon of a process, in KiB; 0 when it is gone.
long anonymous_kib(pid_t pid) {
    std::FILE* file = std::fopen(("/proc/" + std::to_string(pid) + "/status").c_str(), "r");
    if (file == nullptr) return 0;
    char line[256];
    long value = 0;
    while (value == 0 && std::fgets(line, sizeof line, file) != nullptr)
        if (std::strncmp(line, "RssAnon:", 8) == 0) value = std::atol(line + 8);
    std::fclose(file);
    return value;
}

double seconds(const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
}

[[noreturn]] void become(char** command) {
    const int null = open("/dev/null", O_RDWR);
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    dup2(null, STDERR_FILENO);
    execvp(command[0], command);
    _exit(127);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fputs("usage: bench_analyze_measure COMMAND [ARGUMENT...]\n", stderr);
        return 2;
    }
    const auto begin = std::chrono::steady_clock::now();
    const pid_t child = fork();
    if (child == 0) become(argv + 1);
    if (child < 0) {
        std::perror("fork");
        return 1;
    }
    long anonymous = 0;
    int status = 0;
    rusage usage{};
    while (wait4(child, &status, WNOHANG, &usage) == 0) {
        anonymous = std::max(anonymous, anonymous_kib(child));
        usleep(2000);
    }
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
    std::printf("%.4f\t%.4f\t%.4f\t%ld\t%ld\n", wall.count(), seconds(usage.ru_utime),
                seconds(usage.ru_stime), usage.ru_maxrss, anonymous);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
