// Never run: there was no Gradle.
plugins {
    id("com.android.application") version "8.13.0"
    id("org.jetbrains.kotlin.android") version "2.4.21"
}

android {
    namespace = "dev.webphone.example"
    compileSdk = 36
    defaultConfig {
        applicationId = "dev.webphone.example"
        minSdk = 24
        targetSdk = 36
        versionCode = 1
        versionName = "1"
    }
    sourceSets["main"].java.srcDir("src/main/kotlin")
    buildTypes["release"].isMinifyEnabled = true
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_11
        targetCompatibility = JavaVersion.VERSION_11
    }
}

kotlin { jvmToolchain(17) }

dependencies {
    implementation("dev.webphone:webphone-android:0.1.0")
    implementation("org.jetbrains.kotlinx:kotlinx-coroutines-android:1.11.0")
}
