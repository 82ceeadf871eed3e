#pragma once
// The command line: commands, their options and what to run. Only command_line.cpp sees the library that
// parses, whose headers take the compiler longer than any command does.
//
//   void add_bytes(Command& parent) {
//       const auto options = std::make_shared<BytesOptions>();
//       Command command = parent.add_command("bytes", "Byte provenance");
//       command.option("FILE", options->file, "A session or a capture").required();
//       command.runs([options] { return bytes(*options); });
//   }
//
// Ownership: Command and Option are handles into their CommandLine, valid while it lives. The values that
// options fill must outlive the parsing; actions keep them. Thread rule: main thread.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace synscope::app {

/// What the command line asked for; returns an exit code.
using Action = std::function<int()>;

/// What is wrong with a value: "--set: expected path=value, got 'x'".
struct UsageError {
    std::string option;
    std::string what;
};

class Option {
  public:
    explicit Option(CLI::Option* option) : option_(option) {}
    Option& required();
    Option& needs(const Option& other);
    Option& one_of(std::vector<std::string> words);
    Option& from_to(std::uint32_t least, std::uint32_t most);
    Option& from_to(double least, double most);
    /// At least 1.
    Option& positive();
    /// `wrong` says what is wrong with a text, or nothing; `shown` stands for such a value in the help.
    Option& accepts(std::function<std::string(const std::string&)> wrong, const std::string& shown);
    /// The help names the value it has without being given.
    Option& with_default();
    Option& value_name(const std::string& name);
    /// May be given several times, with one value each.
    Option& one_value_each();
    /// For tests and our own processes: not in the help.
    Option& hidden();

  private:
    CLI::Option* option_;
};

class Command {
  public:
    Command(CLI::App& app, Action& chosen) : app_(&app), chosen_(&chosen) {}
    [[nodiscard]] Command add_command(const std::string& name, const std::string& description);
    /// For our own processes: not in the help.
    [[nodiscard]] Command add_hidden_command(const std::string& name);

    /// "-o,--output", or the name of a positional argument. T: std::string, unsigned integers and double,
    /// those in std::optional, and std::vector<std::string>.
    template <class T>
    Option option(const std::string& names, T& value, const std::string& help = {});
    Option flag(const std::string& names, bool& value, const std::string& help = {});

    /// When this command is given: what to run, once `check` finds nothing wrong with the options together.
    using Check = std::function<std::optional<UsageError>()>;
    void runs(Action action, Check check = {});

  private:
    CLI::App* app_;
    Action* chosen_;
};

class CommandLine {
  public:
    CommandLine(const std::string& name, const std::string& description, const std::string& version);
    CommandLine(const CommandLine&) = delete;
    CommandLine& operator=(const CommandLine&) = delete;
    ~CommandLine();

    [[nodiscard]] Command& root() noexcept { return root_; }

    /// One of them is set, or none: no command was given.
    struct Parsed {
        Action action;
        std::string text;   ///< to print and end with 0: help, version
        std::string wrong;  ///< what was not understood
    };
    [[nodiscard]] Parsed parse(int argc, char** argv);

  private:
    std::unique_ptr<CLI::App> app_;
    Action chosen_;
    Command root_;
};

}  // namespace synscope::app
