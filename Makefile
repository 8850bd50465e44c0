# moonlet: `make demo` and `make test` do everything on a fresh Debian; `make help` lists the rest.

# ---- settings, with their reasons ----
CC       ?= gcc
BUILD    ?= build
PREFIX   ?= /usr/local
# -O3: the kernels' scalar tier and tensor loops gain from unrolling; nothing is -march=native,
# because the library must run on CPUs other than the one that built it (tiers below).
OPT      ?= -O3
WARN     := -Wall -Wextra -Wshadow -Wvla -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes \
            -Wwrite-strings -Wno-missing-field-initializers
# hidden: only MOON_API functions and luaopen_* leave the library.
# -fno-math-errno, -fno-trapping-math: let sqrtf and comparisons vectorise; neither changes results.
override CFLAGS   += -std=c11 -g $(OPT) -fPIC -fvisibility=hidden -fno-math-errno -fno-trapping-math $(WARN)
override CPPFLAGS += -I. -D_GNU_SOURCE
LUA      ?= lua5.4
LUA_PC   ?= lua5.4

# The serial BLIS on purpose: moonlet splits work over its own pool, so no OpenMP runs inside a
# host program and the number of threads cannot change results. The run path pins that flavour
# whatever Debian's alternatives say.
TRIPLE   := $(shell $(CC) -dumpmachine)
MULTI    := $(shell $(CC) -print-multiarch 2>/dev/null)
BLISLIB  ?= /usr/lib/$(MULTI)/blis-serial
BLISINC  ?= /usr/include/$(MULTI)/blis-serial
LUAINC   := $(shell pkg-config --cflags $(LUA_PC) 2>/dev/null)
LUALIB   := $(shell pkg-config --libs $(LUA_PC) 2>/dev/null)
LIBS     := -L$(BLISLIB) -Wl,-rpath,$(BLISLIB) -lblis -lutf8proc -lpthread -lm

# Each tier is compiled with its own flags and run only where the CPU has them.
ISA_scalar     := -ffp-contract=off
ISA_x86_avx2   := -mavx2 -mfma -mf16c
ISA_x86_avx2_int8 := $(ISA_x86_avx2)
ISA_x86_avx512 := $(ISA_x86_avx2) -mavx512f -mavx512bw -mavx512dq -mavx512vl -mprefer-vector-width=512
ISA_x86_vnni   := $(ISA_x86_avx512) -mavx512vnni -mavx512vbmi
ISA_x86_bf16   := $(ISA_x86_avx512) -mavx512bf16
ISA_x86_amx    := $(ISA_x86_vnni) -mavx512bf16 -mamx-tile -mamx-int8 -mamx-bf16
# -fopenmp-simd: sums that say so may be reordered into vector lanes; no OpenMP library is used.
# -ffp-contract=fast: -std=c11 alone would forbid fused multiply-add.
# -fno-thread-jumps, where the compiler knows it: threading the ends of exp's range into the division
# behind it made vectors divide denormal numbers, ten times slower.
NO_JUMPS := $(shell $(CC) -Werror -fno-thread-jumps -E -x c - </dev/null >/dev/null 2>&1 && echo -fno-thread-jumps)
ISA_train_base   := -fopenmp-simd -ffp-contract=fast $(NO_JUMPS)
ISA_train_avx2   := $(ISA_train_base) $(ISA_x86_avx2)
ISA_train_avx512 := $(ISA_train_base) $(ISA_x86_avx512)
ISA_train_amx    := $(ISA_x86_amx)
ifneq (,$(filter x86_64-%,$(TRIPLE)))
TIERS := scalar x86_avx2 x86_avx2_int8 x86_avx512 x86_vnni x86_bf16 x86_amx train_avx2 train_avx512 \
         train_amx
else ifneq (,$(filter aarch64-%,$(TRIPLE)))
ISA_arm_dotprod := -march=armv8.2-a+dotprod
ISA_arm_i8mm    := -march=armv8.2-a+dotprod+i8mm
TIERS := scalar arm_neon arm_attend8 arm_dotprod arm_i8mm
else
TIERS := scalar
endif

# `make V=1` shows whole commands.
Q        := $(if $(V),,@)
say       = @printf '  %-3s %s\n'

VERSION  := $(shell sed -n 's/.*define MOON_VERSION "\(.*\)".*/\1/p' core/moonlet.h)
# The part of the version that the ABI goes with: 0.1 of 0.1.0, 1 of 1.2.3.
ABI      := $(shell echo $(VERSION) | sed 's/^\(0\.[0-9]*\).*/\1/; s/^\([1-9][0-9]*\).*/\1/')

# ---- what is built from what: a file in the folder belongs to the library ----
KERNELS  := $(TIERS:%=kernels/%.c) kernels/train_base.c kernels/select.c kernels/q4_levels.c
CORE     := $(sort $(wildcard core/*/*.c))
MODULE   := $(filter-out lua/main.c lua/debug%.c,$(sort $(wildcard lua/*.c)))
DEBUG    := $(sort $(wildcard lua/debug*.c))
SCRIPTS  := $(sort $(wildcard scripts/moonlet/*.lua scripts/moonlet/*/*.lua lua/*.meta.lua))
obj       = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
LIBOBJ   := $(call obj,$(KERNELS) $(CORE))
MODOBJ   := $(call obj,$(MODULE)) $(BUILD)/obj/lua/embedded.o

.PHONY: all lib demo test deps test-deps lint-deps asan lint bench bench-quality masks pocket soak soak-cancel pictures neon fuzz fuzz-calls install clean help
.PHONY: lua51 lua53 luajit ci-deps tsan
all: lib $(BUILD)/moonlet.so $(BUILD)/moonlet            ## library, Lua module, interpreter
lib: $(BUILD)/libmoonlet.a $(BUILD)/libmoonlet.so $(BUILD)/moonlet.pc   ## C library and pkg-config file

$(BUILD)/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(ISA_$(basename $(notdir $<))) -MMD -MP -c $< -o $@
$(BUILD)/obj/core/base/gemm.o: override CPPFLAGS += -isystem $(BLISINC)
$(call obj,$(MODULE) $(DEBUG) lua/main.c) $(BUILD)/obj/lua/embedded.o: override CPPFLAGS += $(LUAINC)

# The Lua part of the module travels inside it: one file to copy, and no search path to set.
$(BUILD)/obj/lua/embedded.c: lua/embed.lua $(SCRIPTS)
	@mkdir -p $(@D)
	$(Q)$(LUA) lua/embed.lua $(SCRIPTS) > $@.tmp && mv $@.tmp $@
$(BUILD)/obj/lua/embedded.o: $(BUILD)/obj/lua/embedded.c
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -c $< -o $@

$(BUILD)/libmoonlet.a: $(LIBOBJ)
	$(say) LD $@
	$(Q)rm -f $@ && $(AR) rcs $@ $^
$(BUILD)/libmoonlet.so: $(LIBOBJ)
	$(say) LD $@
	$(Q)$(CC) -shared -Wl,-soname,libmoonlet.so.$(ABI) $(CFLAGS) $(LDFLAGS) $^ $(LIBS) -o $@
$(BUILD)/moonlet.so: $(MODOBJ) $(LIBOBJ)
	$(say) LD $@
	$(Q)$(CC) -shared $(CFLAGS) $(LDFLAGS) $^ $(LIBS) -o $@
# The same objects and the windows that specs look through: moonlet.debug.*
$(BUILD)/spec/moonlet.so: $(MODOBJ) $(LIBOBJ) $(call obj,$(DEBUG))
	@mkdir -p $(@D)
	$(say) LD $@
	$(Q)$(CC) -shared $(CFLAGS) $(LDFLAGS) $^ $(LIBS) -o $@
# Training again in double, for specs: what does not see moonlet's other floors is compiled anew.
EXACT    := kernels/train_base.c core/train/tape.c core/train/graph.c $(sort $(wildcard core/train/ops_*.c))
EXACTOBJ := $(patsubst %.c,$(BUILD)/exact/%.o,$(EXACT) lua/debug_train.c)
$(BUILD)/exact/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(say) CC "$< (double)"
	$(Q)$(CC) $(CPPFLAGS) $(LUAINC) -DMK_TRAIN_DOUBLE $(CFLAGS) $(ISA_$(basename $(notdir $<))) -MMD -MP -c $< -o $@
$(BUILD)/spec/train_double.so: $(EXACTOBJ) $(filter-out $(call obj,$(EXACT) $(wildcard core/train/*.c)),$(LIBOBJ))
	@mkdir -p $(@D)
	$(say) LD $@
	$(Q)$(CC) -shared $(CFLAGS) $(LDFLAGS) $^ $(LIBS) -o $@
$(BUILD)/moonlet: $(call obj,lua/main.c) $(MODOBJ) $(LIBOBJ)
	$(say) LD $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -Wl,-E $^ $(LUALIB) $(LIBS) -o $@

# The module once more for hosts with another Lua: the same sources, the library's own objects.
OTHERS     := lua51 lua53 luajit
PC_lua51   := lua5.1
PC_lua53   := lua5.3
PC_luajit  := luajit
DEV_lua51  := liblua5.1-0-dev
DEV_lua53  := liblua5.3-dev
DEV_luajit := libluajit-5.1-dev
define other
INC_$(1) := $(shell pkg-config --cflags $(PC_$(1)) 2>/dev/null)
OBJ_$(1) := $(MODULE:%.c=$(BUILD)/$(1)/%.o) $(BUILD)/$(1)/lua/embedded.o
$(BUILD)/$(1)/%.o: %.c Makefile
	@mkdir -p $$(@D)
	$$(say) CC "$$< ($(1))"
	$$(Q)$$(CC) $$(CPPFLAGS) $$(INC_$(1)) $$(CFLAGS) -MMD -MP -c $$< -o $$@
$(BUILD)/$(1)/lua/embedded.o: $(BUILD)/obj/lua/embedded.c
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(CPPFLAGS) $$(INC_$(1)) $$(CFLAGS) -c $$< -o $$@
$(BUILD)/$(1)/moonlet.so: $$(OBJ_$(1)) $(LIBOBJ)
	$$(say) LD $$@
	$$(Q)$$(CC) -shared $$(CFLAGS) $$(LDFLAGS) $$^ $$(LIBS) -o $$@
endef
$(foreach lua,$(OTHERS),$(eval $(call other,$(lua))))
# Those whose headers are here.
PRESENT := $(foreach lua,$(OTHERS),$(if $(INC_$(lua)),$(lua)))

# Says where things are from its own place, so that the files may be installed or moved anywhere.
$(BUILD)/moonlet.pc: Makefile core/moonlet.h
	@mkdir -p $(@D)
	$(Q)printf 'prefix=$${pcfiledir}/../..\nName: moonlet\nDescription: MobileLLM-family language models on a CPU\nVersion: $(VERSION)\nCflags: -I$${prefix}/include\nLibs: -L$${prefix}/lib -lmoonlet\nLibs.private: $(LIBS)\n' > $@

-include $(wildcard $(BUILD)/obj/*/*.d $(BUILD)/obj/*/*/*.d $(BUILD)/exact/*/*.d $(BUILD)/exact/*/*/*.d) \
         $(wildcard $(OTHERS:%=$(BUILD)/%/lua/*.d))

# ---- packages: installed when run as root, otherwise named ----
PKG      := gcc make pkg-config libc6-dev lua5.4 liblua5.4-dev libblis-serial-dev libutf8proc-dev
PKG_TEST := $(PKG) lua-busted lua-socket sentencepiece
PKG_LUAS := lua5.1 lua5.3 luajit $(foreach lua,$(OTHERS),$(DEV_$(lua)))
# Programs with another Lua, or a Lua inside, that specs drive where they are present.
PKG_HOSTS := $(PKG_LUAS) gringo lighttpd lighttpd-modules-lua mle haproxy neovim love
PKG_LINT := $(PKG_TEST) $(PKG_LUAS) clang clang-tidy cppcheck lua-check
PKG_NEON := $(PKG) gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user
need      = sh scripts/packages.sh $(1)

deps:
	@$(call need,$(PKG))
test-deps:
	@$(call need,$(PKG_TEST))
ci-deps:
	@$(call need,$(PKG_TEST) $(PKG_HOSTS))

# ---- verbs ----
# Recursive, because what pkg-config answers changes once the packages are there.
demo: deps                      ## install what is missing, build, turn a sentence into an API call
	@$(MAKE) --no-print-directory -j2 all
	$(BUILD)/moonlet examples/api_call.lua

lua51 lua53 luajit: deps        ## the module for hosts with that Lua: build/lua51/moonlet.so ...
	@$(call need,$(DEV_$@))
	@$(MAKE) --no-print-directory -j2 $(BUILD)/$@/moonlet.so

test: test-deps                 ## install what is missing, build, run every spec
	@$(MAKE) --no-print-directory -j2 all spec-programs
	MOONLET_BUILD=$(BUILD) $(LUA) /usr/bin/busted $(BUSTED_ARGS)

# C programs that specs run: kernels against formulas, the header's own example.
SPECPROGS := $(BUILD)/spec/moonlet.so $(BUILD)/spec/train_double.so $(BUILD)/spec/kernels \
             $(BUILD)/spec/embed $(BUILD)/spec/threads $(BUILD)/spec/two_states \
             $(PRESENT:%=$(BUILD)/%/moonlet.so)
.PHONY: spec-programs
spec-programs: $(SPECPROGS)
# The BF16 tier a second time, on instructions that spec/kernels/emulate_bf16.h stands in for.
EMULATED := $(if $(filter x86_bf16,$(TIERS)),$(BUILD)/spec/x86_bf16_emulated.o)
$(BUILD)/spec/x86_bf16_emulated.o: kernels/x86_bf16.c spec/kernels/emulate_bf16.h $(wildcard kernels/*.h)
	@mkdir -p $(@D)
	$(say) CC "$< (emulated)"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(ISA_x86_avx512) -include spec/kernels/emulate_bf16.h -c $< -o $@
$(BUILD)/spec/kernels: spec/kernels/check.c $(call obj,$(KERNELS)) $(EMULATED) $(wildcard spec/kernels/*.h)
	@mkdir -p $(@D)
	$(say) LD $@
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) $(filter-out %.h,$^) -lm -o $@
$(BUILD)/spec/embed: examples/embed.c $(BUILD)/libmoonlet.a
	@mkdir -p $(@D)
	$(say) LD $@
	$(Q)$(CC) -Icore $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) $^ $(LIBS) -o $@

# C programs with lua_States of their own, and the module inside.
$(BUILD)/spec/threads: spec/hosts/threads.c
$(BUILD)/spec/two_states: examples/two_states.c
$(BUILD)/spec/threads $(BUILD)/spec/two_states: $(MODOBJ) $(LIBOBJ)
	@mkdir -p $(@D)
	$(say) LD $@
	$(Q)$(CC) $(CPPFLAGS) $(LUAINC) $(CFLAGS) $(LDFLAGS) $^ $(LUALIB) $(LIBS) -o $@

tsan: deps                      ## one model, eight threads and lua_States, under ThreadSanitizer
	@$(MAKE) --no-print-directory -j2 build/tsan/spec/threads BUILD=build/tsan OPT=-O1 \
	  CFLAGS='-fsanitize=thread'
	TSAN_OPTIONS=halt_on_error=1 build/tsan/spec/threads share examples/models/pocket 8
	TSAN_OPTIONS=halt_on_error=1 build/tsan/spec/threads cancel examples/models/pocket 200

asan: test-deps                 ## the suite under AddressSanitizer and UndefinedBehaviorSanitizer
	@$(MAKE) --no-print-directory -j2 all spec-programs BUILD=build/asan OPT=-O1 \
	  CFLAGS='-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer'
	LD_PRELOAD=$$($(CC) -print-file-name=libasan.so):$$($(CC) -print-file-name=libubsan.so) \
	  ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 \
	  MOONLET_BUILD=build/asan $(LUA) /usr/bin/busted $(BUSTED_ARGS)

# Any spec/fuzz/fuzz_X.c is a libFuzzer target; spec/fuzz/seeds.lua may give it first inputs and
# a dictionary. What it finds stays in build/fuzz/corpus, an input that fails beside it. -timeout,
# -malloc_limit_mb: an input costs at most a second and 256 MB.
FUZZ_SECONDS ?= 60
FUZZERS  := $(patsubst spec/fuzz/%.c,%,$(wildcard spec/fuzz/fuzz_*.c))
FUZZFLAGS := -fsanitize=address,undefined -fno-sanitize-recover=undefined
$(BUILD)/fuzz_%: spec/fuzz/fuzz_%.c $(wildcard spec/fuzz/*.h) $(BUILD)/libmoonlet.a
	$(CC) $(CPPFLAGS) $(CFLAGS) -fsanitize=fuzzer $(LDFLAGS) $(filter %.c %.a,$^) $(LIBS) -o $@

fuzz:                           ## every parser under libFuzzer, FUZZ_SECONDS each
	@$(call need,$(PKG) clang)
	@$(MAKE) --no-print-directory -j2 fuzz-run CC=clang BUILD=build/fuzz OPT=-O1 \
	  CFLAGS='-fsanitize=fuzzer-no-link $(FUZZFLAGS)'
.PHONY: fuzz-run
fuzz-run: $(FUZZERS:%=$(BUILD)/%)
	$(LUA) spec/fuzz/seeds.lua $(BUILD)/seeds
	@set -e; for f in $(FUZZERS); do mkdir -p $(BUILD)/corpus/$$f $(BUILD)/seeds/$$f; \
	  touch $(BUILD)/seeds/$$f.dict; echo "$$f: $(FUZZ_SECONDS) s"; \
	  $(BUILD)/$$f -max_total_time=$(FUZZ_SECONDS) -dict=$(BUILD)/seeds/$$f.dict -timeout=1 \
	    -malloc_limit_mb=256 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 \
	    -artifact_prefix=$(BUILD)/$$f- $(BUILD)/corpus/$$f $(BUILD)/seeds/$$f \
	    > $(BUILD)/$$f.log 2>&1 \
	    || { tail -n 60 $(BUILD)/$$f.log; exit 1; }; grep '^stat' $(BUILD)/$$f.log; done

FUZZ_TEXTS ?=
fuzz-calls: deps                ## texts that mean harm for the tool-call reader: FUZZ_SECONDS, FUZZ_TEXTS
	@$(MAKE) --no-print-directory -j2 $(BUILD)/moonlet.so
	MOONLET_BUILD=$(BUILD) $(LUA) spec/fuzz/calls.lua $(FUZZ_SECONDS) $(FUZZ_TEXTS)

neon:                           ## cross-compile the NEON tier and check it under qemu-user
	@$(call need,$(PKG_NEON))
	@$(MAKE) --no-print-directory CC=aarch64-linux-gnu-gcc BUILD=build/arm64 LDFLAGS=-static \
	  build/arm64/spec/kernels
	qemu-aarch64 build/arm64/spec/kernels

bench: deps                     ## speed as ratios against this machine's limits
	@$(MAKE) --no-print-directory -j2 $(BUILD)/moonlet $(BUILD)/spec/moonlet.so $(BUILD)/spec/threads
	MOONLET_BUILD=$(BUILD) $(LUA) spec/bench/run.lua
	MOONLET_BUILD=$(BUILD) $(LUA) spec/bench/depth.lua
	MOONLET_BUILD=$(BUILD) $(LUA) spec/bench/masks.lua
	MOONLET_BUILD=$(BUILD) $(LUA) spec/bench/frame.lua
	MOONLET_BUILD=$(BUILD) $(LUA) spec/bench/complete.lua
	MOONLET_BUILD=$(BUILD) $(LUA) spec/bench/calls.lua
	MOONLET_BUILD=$(BUILD) $(LUA) spec/bench/train_beside.lua

soak: deps                      ## ten thousand texts under random schemas: each parses and validates
	@$(MAKE) --no-print-directory -j2 $(BUILD)/moonlet.so
	MOONLET_BUILD=$(BUILD) $(LUA) spec/constrain/soak_main.lua

soak-cancel: deps               ## ten thousand generations cancelled at random: each session writes on
	@$(MAKE) --no-print-directory -j2 $(BUILD)/moonlet.so
	MOONLET_BUILD=$(BUILD) $(LUA) spec/scripts/cancels_main.lua

pictures:                       ## the examples' pictures again, by the programs that they show
	@$(call need,$(PKG_TEST) $(PKG_HOSTS) xvfb)
	@$(MAKE) --no-print-directory -j2 all spec-programs
	MOONLET_BUILD=$(BUILD) $(LUA) spec/pictures/make.lua

masks: deps                     ## every schema of MaskBench: verdicts, and what each refusal names
	@$(MAKE) --no-print-directory -j2 $(BUILD)/spec/moonlet.so
	MASK_STEP=1 MASK_WHY=1 MOONLET_BUILD=$(BUILD) $(LUA) spec/bench/masks.lua

bench-quality: deps             ## perplexity of each weight type, divergence of the small cache
	@$(MAKE) --no-print-directory -j2 $(BUILD)/moonlet.so
	MOONLET_BUILD=$(BUILD) $(LUA) spec/bench/quality.lua

pocket: deps                    ## make the bundled model again from ../shared/data: hours; goes on when stopped
	@$(call need,$(PKG) sentencepiece)
	@$(MAKE) --no-print-directory -j2 $(BUILD)/moonlet
	$(BUILD)/moonlet examples/models/pocket.lua $(BUILD)/pocket

.PHONY: objects
objects: $(LIBOBJ) $(MODOBJ) $(call obj,$(DEBUG) lua/main.c) $(foreach lua,$(PRESENT),$(OBJ_$(lua)))
lint:                           ## warnings of gcc and clang as errors, cppcheck, luacheck, house rules
	@$(call need,$(PKG_LINT))
	@$(MAKE) --no-print-directory -j2 objects CC=gcc BUILD=build/lint-gcc CFLAGS=-Werror
	@$(MAKE) --no-print-directory -j2 objects CC=clang BUILD=build/lint-clang CFLAGS=-Werror
	cppcheck --quiet --std=c11 --language=c --enable=warning,performance,portability -j2 \
	  --inline-suppr --suppress=missingIncludeSystem --error-exitcode=1 -I. -Icore -D__x86_64__ \
	  core kernels lua examples
	luacheck --quiet scripts lua spec examples
	$(LUA) /usr/bin/busted spec/house_spec.lua

# What the program says about itself: from the tables that parse its options.
PAGES    := $(addprefix $(BUILD)/,moonlet.1 moonlet.bash moonlet.zsh moonlet.fish)
.PHONY: man
man: $(PAGES)                   ## man page and shell completions, in build/
$(BUILD)/moonlet.1: $(BUILD)/moonlet
	$(Q)$< -e 'io.write(require("moonlet.cli.pages").man())' > $@.tmp && mv $@.tmp $@
$(BUILD)/moonlet.bash $(BUILD)/moonlet.zsh $(BUILD)/moonlet.fish: $(BUILD)/moonlet
	$(Q)$< completion $(subst .,,$(suffix $@)) > $@.tmp && mv $@.tmp $@

SHARE    := $(DESTDIR)$(PREFIX)/share
install: all man                ## PREFIX=/usr/local
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/pkgconfig \
	  $(DESTDIR)$(PREFIX)/include $(DESTDIR)$(PREFIX)/lib/lua/5.4 $(SHARE)/moonlet/models \
	  $(SHARE)/man/man1 $(SHARE)/bash-completion/completions $(SHARE)/zsh/site-functions \
	  $(SHARE)/fish/vendor_completions.d
	install $(BUILD)/moonlet $(DESTDIR)$(PREFIX)/bin
	install $(BUILD)/moonlet.so $(DESTDIR)$(PREFIX)/lib/lua/5.4
	install -m644 $(BUILD)/libmoonlet.a $(DESTDIR)$(PREFIX)/lib
	install $(BUILD)/libmoonlet.so $(DESTDIR)$(PREFIX)/lib/libmoonlet.so.$(ABI)
	ln -sf libmoonlet.so.$(ABI) $(DESTDIR)$(PREFIX)/lib/libmoonlet.so
	install -m644 $(BUILD)/moonlet.pc $(DESTDIR)$(PREFIX)/lib/pkgconfig
	install -m644 core/moonlet.h core/moonlet_constrain.h core/moonlet_train.h \
	  $(DESTDIR)$(PREFIX)/include
	install -m644 $(BUILD)/moonlet.1 $(SHARE)/man/man1
	install -m644 $(BUILD)/moonlet.bash $(SHARE)/bash-completion/completions/moonlet
	install -m644 $(BUILD)/moonlet.zsh $(SHARE)/zsh/site-functions/_moonlet
	install -m644 $(BUILD)/moonlet.fish $(SHARE)/fish/vendor_completions.d/moonlet.fish
	cp -r examples/models/pocket $(SHARE)/moonlet/models

clean:                          ## remove what was built, but not what `make pocket` has trained
	@if [ -d build ]; then find build -mindepth 1 -maxdepth 1 ! -name pocket -exec rm -rf {} +; fi
help:                           ## this list
	@sed -n 's/^\([a-z][a-z0-9 -]*\):.*## /\1\t/p' Makefile
