# KTSTR_SANITIZE=address,undefined or thread, for everything but the guest agent (which is static). KTSTR_FUZZ: libFuzzer's counters too.
if(KTSTR_SANITIZE)
  add_compile_options(-fsanitize=${KTSTR_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${KTSTR_SANITIZE})
endif()
if(KTSTR_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
