#include "ui/app/command_line.hpp"

#include <CLI/CLI.hpp>
#include <sstream>
#include <utility>

namespace synscope::app {

namespace {
constexpr std::size_t kHelpColumn = 34;
}

Option& Option::required() {
    option_->required();
    return *this;
}
Option& Option::needs(const Option& other) {
    option_->needs(other.option_);
    return *this;
}
Option& Option::one_of(std::vector<std::string> words) {
    option_->check(CLI::IsMember(std::move(words)));
    return *this;
}
Option& Option::from_to(std::uint32_t least, std::uint32_t most) {
    option_->check(CLI::Range(least, most));
    return *this;
}
Option& Option::from_to(double least, double most) {
    option_->check(CLI::Range(least, most));
    return *this;
}
Option& Option::positive() {
    option_->check(CLI::PositiveNumber);
    return *this;
}
Option& Option::accepts(std::function<std::string(const std::string&)> wrong, const std::string& shown) {
    option_->check(
        CLI::Validator([wrong = std::move(wrong)](const std::string& text) { return wrong(text); }, shown));
    return *this;
}
Option& Option::with_default() {
    option_->capture_default_str();
    return *this;
}
Option& Option::value_name(const std::string& name) {
    option_->type_name(name);
    return *this;
}
Option& Option::one_value_each() {
    option_->allow_extra_args(false);
    return *this;
}
Option& Option::hidden() {
    option_->group("");
    return *this;
}

Command Command::add_command(const std::string& name, const std::string& description) {
    return {*app_->add_subcommand(name, description), *chosen_};
}
Command Command::add_hidden_command(const std::string& name) {
    return {*app_->add_subcommand(name)->group(""), *chosen_};
}

template <class T>
Option Command::option(const std::string& names, T& value, const std::string& help) {
    return Option{app_->add_option(names, value, help)};
}
template Option Command::option(const std::string&, double&, const std::string&);
template Option Command::option(const std::string&, std::string&, const std::string&);
template Option Command::option(const std::string&, std::vector<std::string>&, const std::string&);
template Option Command::option(const std::string&, std::uint8_t&, const std::string&);
template Option Command::option(const std::string&, std::uint16_t&, const std::string&);
template Option Command::option(const std::string&, std::uint32_t&, const std::string&);
template Option Command::option(const std::string&, std::uint64_t&, const std::string&);
template Option Command::option(const std::string&, std::optional<std::uint32_t>&, const std::string&);
template Option Command::option(const std::string&, std::optional<std::uint64_t>&, const std::string&);
template Option Command::option(const std::string&, std::optional<double>&, const std::string&);

Option Command::flag(const std::string& names, bool& value, const std::string& help) {
    return Option{app_->add_flag(names, value, help)};
}

void Command::runs(Action action, Check check) {
    app_->callback([chosen = chosen_, action = std::move(action), check = std::move(check)] {
        if (check)
            if (const auto wrong = check()) throw CLI::ValidationError(wrong->option, wrong->what);
        *chosen = action;
    });
}

CommandLine::CommandLine(const std::string& name, const std::string& description, const std::string& version)
    : app_(std::make_unique<CLI::App>(description, name)), root_(*app_, chosen_) {
    app_->set_version_flag("--version", version);
    app_->require_subcommand(0, 1);
    app_->get_formatter()->column_width(kHelpColumn);
}

CommandLine::~CommandLine() = default;

CommandLine::Parsed CommandLine::parse(int argc, char** argv) {
    Parsed parsed;
    try {
        app_->parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() != 0) {
            parsed.wrong = error.what();
            return parsed;
        }
        std::ostringstream text;
        app_->exit(error, text, text);
        parsed.text = text.str();
        return parsed;
    }
    parsed.action = std::move(chosen_);
    return parsed;
}

}  // namespace synscope::app
