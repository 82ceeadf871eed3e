# Runs one fuzz target on its committed seeds for SYNSCOPE_FUZZ_SECONDS (default 5). What it finds and what it grows goes to
# the build folder. A target without seeds fails: it would spend its seconds on inputs that the first length check refuses.
set(seconds "$ENV{SYNSCOPE_FUZZ_SECONDS}")
if(NOT seconds)
  set(seconds 5)
endif()
file(GLOB seeds "${SEEDS}/*")
if(NOT seeds)
  message(FATAL_ERROR "no seeds in ${SEEDS}: commit a few valid inputs there")
endif()
file(MAKE_DIRECTORY "${GROWN}")
execute_process(COMMAND "${FUZZER}" -max_total_time=${seconds} -timeout=10 -rss_limit_mb=2048 -print_final_stats=1
                        -artifact_prefix=${GROWN}/ "${GROWN}" "${SEEDS}"
                RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "fuzz target failed (${result}); the input is in ${GROWN}")
endif()
