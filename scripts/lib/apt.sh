# Sourced: packages of other Debian suites, without touching the machine's apt. POSIX sh.
# Needs common.sh. It uses only the network settings of the machine's apt (proxies and the like).

# The first Debian archive that the machine's own apt uses; its parent folder holds debian-security too.
debian_mirror() {
	cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources \
		/etc/apt/mirrors/* 2>/dev/null | sed 's/#.*//' |
		tr -s '[:space:]' '\n' | sed 's|/*$||' | grep -E '^https?://.*/debian$' | head -n 1
}

# private_apt_setup DIR TYPE ARCHIVE SUITE [ARCHITECTURE]: make DIR a private apt state for that one suite and load its
# lists. TYPE is deb or deb-src, ARCHIVE debian or debian-security, ARCHITECTURE Debian's name of one (default: this
# machine's). Fails if the machine does not name a Debian mirror.
private_apt_setup() {
	apt_mirror=$(debian_mirror)
	[ -n "$apt_mirror" ] && have apt-get || return 1
	mkdir -p "$1/lists/partial" "$1/cache/archives/partial" "$1/sources" "$1/parts" "$1/prefs"
	cat > "$1/sources/one.sources" <<-END
		Types: $2
		URIs: ${apt_mirror%/debian}/$3
		Suites: $4
		Components: main
		Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
	END
	{
		apt-config dump | grep '^Acquire::' | grep -v '^Acquire::IndexTargets'
		cat <<-END
			Dir::Etc::Main "/dev/null";
			Dir::Etc::Parts "$1/parts";
			Dir::Etc::SourceList "/dev/null";
			Dir::Etc::SourceParts "$1/sources";
			Dir::Etc::Preferences "/dev/null";
			Dir::Etc::PreferencesParts "$1/prefs";
			Dir::State "$1";
			Dir::State::Lists "$1/lists";
			Dir::State::status "/dev/null";
			Dir::Cache "$1/cache";
			Acquire::Languages "none";
			APT::Sandbox::User "root";
			${5:+APT::Architecture "$5"; APT::Architectures "$5";}
			APT::Update::Error-Mode "any";
		END
	} > "$1/apt.conf"
	private_apt "$1" get update
}

# private_apt DIR get|cache ARG...: apt-get or apt-cache on that state, in the current folder.
private_apt() {
	apt_state=$1 apt_tool=$2
	shift 2
	APT_CONFIG=$apt_state/apt.conf "apt-$apt_tool" -qq "$@" </dev/null
}

# private_apt_packages WORK SUITE PACKAGE...: those packages of that suite, unpacked into WORK/root; errors are in
# WORK/log.
private_apt_packages() {
	apt_work=$1 apt_suite=$2
	shift 2
	mkdir "$apt_work/debs"
	private_apt_setup "$apt_work/apt" deb debian "$apt_suite" >"$apt_work/log" 2>&1 || return 1
	(cd "$apt_work/debs" && private_apt "$apt_work/apt" get download "$@" >>"$apt_work/log" 2>&1) || return 1
	for apt_deb in "$apt_work"/debs/*.deb; do
		dpkg-deb -x "$apt_deb" "$apt_work/root" || return 1
	done
}
