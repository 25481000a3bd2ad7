// Never run: there was no Gradle. `make aar` first, with an NDK: it installs the library into the local Maven repository.
pluginManagement {
    repositories {
        google()
        mavenCentral()
        gradlePluginPortal()
    }
}

dependencyResolutionManagement {
    repositories {
        google()
        mavenCentral()
        mavenLocal { content { includeGroup("dev.webphone") } }
    }
}

rootProject.name = "webphone-example"
