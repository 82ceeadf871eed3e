// Service `files`: messages and files, each behind a JSON header as in framing `json` (docs/FORMATS.md says
// the fields). A file's bytes go to disk as they come and are never held here; it appears under its name
// whole and with the digest that was promised, or not at all. A refused file's bytes are skipped and the
// connection goes on; behind a header that cannot be read nobody knows where the next one begins, and it
// closes.
#include <algorithm>
#include <limits>
#include <optional>

#include "net/base/sha256.hpp"
#include "net/base/text.hpp"
#include "net/framing/json_header.hpp"
#include "net/service/lines.hpp"
#include "net/service/parting.hpp"

namespace synscope::service {

namespace {

constexpr std::uint64_t kMostMessage = std::uint64_t{16} << 20;
constexpr std::uint64_t kMostSkipped = std::uint64_t{1} << 20;  ///< of a refused file; more closes
constexpr std::uint32_t kPiece = 65536;
constexpr std::size_t kDigestDigits = 64;

enum class Kind : std::uint8_t { Message, File, Resume };
/// One request, as its header has it.
struct Upload {
    Kind kind = Kind::Message;
    std::string name;
    std::string sha256;
    bool resumable = false;
    std::uint64_t offset = 0;  ///< of the first byte that comes
    std::uint64_t size = 0;    ///< bytes that come
};

std::string string_of(const json::Value& header, std::string_view name) {
    const json::Value* value = header.find(name);
    const std::string* text = value != nullptr ? value->string() : nullptr;
    return text != nullptr ? *text : std::string{};
}

bool is_digest(std::string_view text) {
    return text.size() == kDigestDigits &&
           text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// What is wrong with it; "" when nothing is. Where a path leads is for the host to judge.
std::string_view fill(const json::Value& header, Upload& out) {
    const std::string type = string_of(header, "type");
    if (type == "message") return out.size <= kMostMessage ? "" : "the message is too long";
    if (type != "file" && type != "resume") return "'type' is none of message, file, resume";
    out.kind = type == "file" ? Kind::File : Kind::Resume;
    out.name = string_of(header, "name");
    out.sha256 = string_of(header, "sha256");
    const json::Value* resume = header.find("resume");
    const bool* asked = resume != nullptr ? std::get_if<bool>(&resume->content) : nullptr;
    out.resumable = out.kind == Kind::Resume || (asked != nullptr && *asked);
    if (const json::Value* offset = header.find("offset")) {
        if (!offset->integer() || *offset->integer() < 0) return "'offset' is no whole number";
        out.offset = static_cast<std::uint64_t>(*offset->integer());
    }
    const auto slash = out.name.rfind('/');
    const std::string_view last =
        std::string_view{out.name}.substr(slash == std::string::npos ? 0 : slash + 1);
    if (last.empty()) return "'name' names no file";
    if (last.front() == '.') return "a name that begins with a dot is not taken";
    if (!is_digest(out.sha256)) return "'sha256' is not 64 hexadecimal digits in lower case";
    if (out.offset > 0 && !out.resumable) return "'offset' is for a file with \"resume\": true";
    if (out.kind == Kind::Resume && out.size > 0) return "a question has no body";
    return "";
}

std::string_view words(Refusal refusal) {
    switch (refusal) {
        case Refusal::NotFound:
            return "there is no such folder";
        case Refusal::OutsideRoot:
            return "the name leads out of the folder";
        case Refusal::NotAllowed:
            return "that cannot be written";
        case Refusal::NoSpace:
            return "there is no space left";
        case Refusal::TooLarge:
            return "the file is too large";
        case Refusal::TooMany:
        case Refusal::TooManyOpen:
            return "too many files";
        case Refusal::TooManyUnfinished:
            return "too many unfinished files wait there to be resumed";
        case Refusal::TooLate:
            return "it took too long";
        case Refusal::Busy:
            return "somebody else is sending it";
        default:
            return "it failed";
    }
}

class FilesSession final : public Session {
  public:
    void on_message(ByteSpan message, Effects& effects) override {
        if (done_) return parting_.drop(message.size(), effects);
        input_.append(reinterpret_cast<const char*>(message.data()), message.size());
        work(effects);
    }
    void on_eof(Effects& effects) override {
        // What is open is closed with the connection: of a resumable file the next connection finds the rest.
        if (!done_ && file_ && left_ > 0)
            say_refused("it is not whole: you sent no more, or the time for it was over", effects);
        done_ = true;
        effects.add(Close{});
    }
    void on_effect_result(const EffectResult& result, Effects& effects) override {
        waiting_ = false;
        if (const auto* refused = std::get_if<Refused>(&result.outcome))
            refuse(words(refused->refusal), effects);
        else if (const auto* opened = std::get_if<FileOpened>(&result.outcome))
            on_opened(*opened, effects);
        else if (const auto* read = std::get_if<FileRead>(&result.outcome))
            on_earlier_bytes(read->bytes, effects);
        else if (std::holds_alternative<FileCommitted>(result.outcome))
            accept(effects);
        work(effects);
    }

  private:
    enum class State : std::uint8_t { Header, Text, Opening, File, Skipping };

    /// One effect at a time: what comes next depends on how it went.
    void work(Effects& effects) {
        while (!waiting_ && !done_) {
            if (state_ == State::Header) {
                if (!read_header(effects)) return;
            } else if (left_ == 0) {
                end_of_body(effects);
            } else if (input_.empty()) {
                return;
            } else {
                take_body(effects);
            }
        }
    }

    bool read_header(Effects& effects) {
        const ByteSpan bytes = bytes_of(input_);
        if (bytes.size() < framing::kJsonLengthBytes) return false;
        const auto length = framing::json_header_length(bytes);
        if (!length) return give_up(length.error(), effects);
        if (bytes.size() - framing::kJsonLengthBytes < *length) return false;
        const auto header =
            framing::read_json_header(std::string_view{input_}.substr(framing::kJsonLengthBytes, *length),
                                      std::numeric_limits<std::int64_t>::max());
        if (!header) return give_up(header.error(), effects);
        input_.erase(0, framing::kJsonLengthBytes + *length);
        upload_ = {};
        upload_.size = header->size;
        left_ = header->size;
        sum_ = Sha256{};
        file_.reset();
        begin(fill(header->fields, upload_), effects);
        return true;
    }

    void begin(std::string_view wrong, Effects& effects) {
        if (!wrong.empty()) return refuse(wrong, effects);
        if (upload_.kind == Kind::Message) {
            state_ = State::Text;
            return;
        }
        if (upload_.size > std::numeric_limits<std::uint64_t>::max() - upload_.offset)
            return refuse("the file is too large", effects);
        state_ = State::Opening;
        waiting_ = true;
        effects.add(OpenFile{RequestId{0}, upload_.name,
                             upload_.resumable ? FileMode::Resume : FileMode::Create,
                             upload_.offset + upload_.size, upload_.sha256.substr(0, kResumeTokenDigits)});
    }

    void on_opened(const FileOpened& opened, Effects& effects) {
        file_ = opened.file;
        if (upload_.kind == Kind::Resume) {
            upload_.offset = opened.size;
            effects.add(CloseFile{opened.file});
            file_.reset();
            return accept(effects);
        }
        if (opened.size != upload_.offset)
            return refuse("'offset' is not where the file ends here", effects, opened.size);
        earlier_ = 0;
        read_earlier_bytes(effects);
    }
    /// The digest is over the whole file, also over what an earlier connection has sent.
    void read_earlier_bytes(Effects& effects) {
        if (earlier_ == upload_.offset) {
            state_ = State::File;
            return;
        }
        waiting_ = true;
        const auto size = std::min<std::uint64_t>(kPiece, upload_.offset - earlier_);
        effects.add(ReadFile{RequestId{0}, *file_, earlier_, static_cast<std::uint32_t>(size)});
    }
    void on_earlier_bytes(ByteSpan bytes, Effects& effects) {
        if (bytes.empty()) return refuse("what was there is gone", effects);
        sum_.update(bytes);
        earlier_ += bytes.size();
        read_earlier_bytes(effects);
    }

    void take_body(Effects& effects) {
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input_.size()));
        const ByteSpan bytes = bytes_of(std::string_view{input_}.substr(0, size));
        if (state_ != State::Skipping) sum_.update(bytes);
        if (state_ == State::File) {
            waiting_ = true;
            effects.append_file(RequestId{0}, *file_, bytes);
        }
        left_ -= size;
        input_.erase(0, size);
    }

    void end_of_body(Effects& effects) {
        if (state_ == State::Skipping) {
            state_ = State::Header;
            return;
        }
        const std::string sum = hex_text(sum_.finish());
        if (state_ == State::Text) {
            upload_.sha256 = sum;
            return accept(effects);
        }
        if (sum != upload_.sha256) {
            effects.add(CloseFile{*file_, true});
            file_.reset();
            return refuse("the digest is another", effects);
        }
        waiting_ = true;
        effects.add(CommitFile{RequestId{0}, *file_});
        file_.reset();
    }

    void accept(Effects& effects) {
        state_ = State::Header;
        json::Object answer = beginning_of_answer(true);
        if (upload_.kind == Kind::Resume)
            answer.push_back(json::member("offset", upload_.offset));
        else
            answer.push_back(json::member("bytes", upload_.offset + upload_.size));
        answer.push_back(json::member("sha256", upload_.sha256));
        say(std::move(answer), effects);
    }

    /// Drops this message and goes on with the next, unless there is too much to drop.
    void refuse(std::string_view why, Effects& effects, std::optional<std::uint64_t> offset = std::nullopt) {
        if (file_) effects.add(CloseFile{*file_});
        file_.reset();
        say_refused(why, effects, offset);
        state_ = State::Skipping;
        if (left_ <= kMostSkipped) return;
        done_ = true;
        parting_.begin(effects);
    }

    void say_refused(std::string_view why, Effects& effects,
                     std::optional<std::uint64_t> offset = std::nullopt) const {
        json::Object answer = beginning_of_answer(false);
        answer.push_back(json::member("error", why));
        if (offset) answer.push_back(json::member("offset", *offset));
        say(std::move(answer), effects);
    }

    bool give_up(const framing::FrameError& error, Effects& effects) {
        json::Object answer{json::member("size", std::uint64_t{0}), {"ok", {false}}};
        const bool negative = error.fault == framing::Fault::NegativeLength;
        answer.push_back(json::member("error", error.fault == framing::Fault::Malformed ? error.reason
                                               : negative                               ? "a negative length"
                                                          : "a header that is too long"));
        say(std::move(answer), effects);
        done_ = true;
        parting_.begin(effects);
        return false;
    }

    [[nodiscard]] json::Object beginning_of_answer(bool ok) const {
        json::Object answer{json::member("size", std::uint64_t{0}), {"ok", {ok}}};
        if (!upload_.name.empty()) answer.push_back(json::member("name", upload_.name));
        return answer;
    }
    static void say(json::Object answer, Effects& effects) {
        std::vector<std::byte> bytes;
        framing::append_json_header(bytes, {std::move(answer)});
        effects.reply(bytes);
    }

    std::string input_;  ///< come and not dealt with
    State state_ = State::Header;
    Upload upload_;
    std::uint64_t left_ = 0;     ///< of the body, to come
    std::uint64_t earlier_ = 0;  ///< bytes of an earlier connection that are in the sum
    std::optional<FileId> file_;
    Sha256 sum_;
    bool waiting_ = false;  ///< for what became of an effect
    bool done_ = false;     ///< nothing more is answered
    Parting parting_;
};

class FilesService final : public Service {
  public:
    std::unique_ptr<Session> open(ConnectionKey, const Endpoint&) override {
        return std::make_unique<FilesSession>();
    }
};

}  // namespace

std::unique_ptr<Service> make_files() {
    return std::make_unique<FilesService>();
}

}  // namespace synscope::service
