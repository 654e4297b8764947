"""Images that gressc package writes, unpacked and run, and its Dockerfile, built."""
import hashlib
import io
import json
import os
import subprocess
import tarfile
import unittest

from package_case import ALWAYS, GRESSC, Case, needs_root, tool


class Images(Case):
    def image(self, name, *options):
        """The unpacked image, its configuration, and the size of the archive in MB."""
        self.gressc(name + ".gress", "--oci", *options)
        archive = next(f for f in os.listdir(self.path("package")) if f.endswith(".oci.tar"))
        root, blobs = self.path("image"), {}
        os.makedirs(root)
        with tarfile.open(self.path("package", archive)) as tar:
            for member in tar:
                if member.isfile():
                    blobs[member.name] = tar.extractfile(member).read()
        blob = lambda described: blobs["blobs/" + described["digest"].replace(":", "/")]
        for path, content in blobs.items():
            if path.startswith("blobs/sha256/"):
                self.assertEqual(hashlib.sha256(content).hexdigest(), os.path.basename(path))
        self.assertEqual(json.loads(blobs["oci-layout"]), {"imageLayoutVersion": "1.0.0"})
        top = json.loads(blobs["index.json"])["manifests"][0]
        self.assertEqual(len(blob(top)), top["size"])
        manifest = json.loads(blob(top))
        config = json.loads(blob(manifest["config"]))
        self.assertEqual(config["rootfs"]["diff_ids"], [layer["digest"] for layer in manifest["layers"]])
        for layer in manifest["layers"]:
            self.assertEqual(layer["size"], len(blob(layer)))
            with tarfile.open(fileobj=io.BytesIO(blob(layer))) as tar:
                self.assertEqual({(m.mtime, m.uname) for m in tar}, {(0, "")})
                tar.extractall(root, numeric_owner=True)
        return root, config, os.path.getsize(self.path("package", archive)) / 1e6

    def objects(self, root):
        return set(os.listdir(os.path.join(root, "lib"))) | set(os.listdir(os.path.join(root, "lib64")))

    def enter(self, root, config, *args, **more):
        """Runs the image as its configuration says, with nothing of this machine but /data."""
        user = int(config["config"]["User"].split(":")[0])
        self.assertNotEqual(user, 0)

        def inside():
            os.chroot(root)
            os.chdir(config["config"]["WorkingDir"])
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)

        env = dict(v.split("=", 1) for v in config["config"]["Env"])
        ran = subprocess.run([*config["config"]["Entrypoint"], *args], env=env, preexec_fn=inside, capture_output=True,
                             text=True, **more)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        return ran.stdout

    @needs_root
    def test_files(self):
        root, config, size = self.image("files")
        self.assertLessEqual(size, 12)
        self.assertEqual(self.objects(root), ALWAYS | {"libz.so.1", "libzstd.so.1"})
        self.assertEqual(sorted(os.listdir(root)), ["bin", "data", "lib", "lib64"])
        with open(os.path.join(root, "data/rides.csv"), "w") as file:
            file.write("ended,area,fare\n2026-01-31T12:00:00Z,north,25\n2026-01-31T12:01:00Z,south,15\n")
        self.enter(root, config, "--param", "output=big.jsonl", "--quiet")
        with open(os.path.join(root, "data/big.jsonl")) as file:
            self.assertEqual([json.loads(line)["area"] for line in file], ["north"])

    @needs_root
    def test_standard_input_and_zones(self):
        root, config, _ = self.image("input")
        out = self.enter(root, config, "--quiet", input='{"at":"2026-01-31T23:30:00Z","text":"a"}\n')
        self.assertEqual(json.loads(out), {"day": 1, "text": "a"})
        self.assertTrue(os.path.exists(os.path.join(root, "usr/share/zoneinfo/Europe/Berlin")))

    @needs_root
    def test_topics_and_checkpoints(self):
        root, config, size = self.image("topics")
        self.assertLessEqual(size, 40)
        self.assertLessEqual(ALWAYS | {"librdkafka.so.1", "librocksdb.so.7.8", "libssl.so.3"}, self.objects(root))
        self.assertEqual(config["config"]["Entrypoint"], ["/bin/Totals", "--checkpoint-dir", "/data/checkpoints"])
        about = json.loads(self.enter(root, config, "--version", "--json"))
        self.assertEqual((about["program"], about["cpu"]), ("Totals", "baseline"))

    @needs_root
    def test_certificates(self):
        root, config, _ = self.image("login")
        self.assertNotIn("librocksdb.so.7.8", self.objects(root))
        path = dict(v.split("=", 1) for v in config["config"]["Env"])["SSL_CERT_FILE"]
        self.assertGreater(os.path.getsize(root + path), 1000)

    def test_the_same_bytes_twice(self):
        self.gressc("files.gress", "--oci", "-o", "a")
        self.gressc("files.gress", "--oci", "-o", "b")
        with open(self.path("a/big_rides.oci.tar"), "rb") as a, open(self.path("b/big_rides.oci.tar"), "rb") as b:
            self.assertEqual(a.read(), b.read())

    def test_a_root_folder_must_be_empty(self):
        self.write("x", "")
        self.assertIn("is not empty", self.gressc("files.gress", "--root", ".", code=73).stderr)

    def buildah(self, *args, **more):
        store = ["buildah", "--storage-driver", "vfs", "--root", self.path("store"), "--runroot", self.path("run")]
        ran = subprocess.run([*store, *args], capture_output=True, text=True, cwd=self.folder, **more)
        self.assertEqual(ran.returncode, 0, f"{args}\n{ran.stdout}\n{ran.stderr}")
        return ran.stdout.strip()

    def built(self, context, dockerfile="package/Dockerfile"):
        """What buildah makes of a Dockerfile: the image unpacked, its configuration, the container that holds it."""
        # An image with gressc in it: links into /usr of this machine, which is mounted while building.
        prefix = self.path("base/opt/gress")
        build = os.path.dirname(os.path.dirname(GRESSC))
        subprocess.run(["cmake", "--install", build, "--prefix", prefix], check=True, capture_output=True)
        for folder in ["usr", "tmp", "proc", "etc"]:
            os.makedirs(self.path("base", folder))
        for link in ["bin", "lib", "lib64"]:
            os.symlink("usr/" + link, self.path("base", link))
        self.write("base/Dockerfile", "FROM scratch\nCOPY . /\nENV PATH=/opt/gress/bin:/usr/bin:/bin GRESS_CACHE=/tmp/cache\n")
        self.buildah("build", "--isolation", "chroot", "-t", "gress:here", self.path("base"))
        self.buildah("build", "--isolation", "chroot", "-v", "/usr:/usr:ro", "--build-arg", "GRESS=localhost/gress:here", "-f", dockerfile,
                     "-t", "localhost/made", context)
        container = self.buildah("from", "localhost/made")
        return self.buildah("mount", container), json.loads(self.buildah("inspect", "--type", "image", "localhost/made"))["OCIv1"], container

    @needs_root
    @tool("buildah")
    def test_buildah_builds_the_dockerfile_and_reads_the_archive(self):
        self.gressc("files.gress", "--oci", "--docker")
        loaded = self.buildah("from", "oci-archive:" + self.path("package/big_rides.oci.tar"))
        self.assertIn("big_rides (gress", self.buildah("run", "--isolation", "chroot", loaded, "/bin/big_rides", "--version"))
        root, config, container = self.built(".")
        self.assertEqual(self.objects(root), ALWAYS | {"libz.so.1", "libzstd.so.1"})
        with open(os.path.join(root, "data/rides.csv"), "w") as file:
            file.write("ended,area,fare\n2026-01-31T12:00:00Z,north,25\n")
        self.enter(root, config, "--param", "output=big.jsonl", "--quiet")
        with open(os.path.join(root, "data/big.jsonl")) as file:
            self.assertEqual(json.load(file)["fare"], 25)
        self.buildah("umount", container)

    @needs_root
    @tool("buildah")
    @tool("g++")
    def test_buildah_builds_the_dockerfile_with_the_programs_own_cpp(self):
        os.makedirs(self.path("work/the team/lib"))
        self.write("work/the team/lib/scaled.hpp", '#pragma once\nextern "C" long scaled(long x);\nextern "C" long less(long x);\nextern "C" long named(long x);\n')
        self.write("work/own.hpp", "#pragma once\n#include <lib/scaled.hpp>\n#include <zlib.h>\n"
                   "inline long cost(long x) { return named(scaled(less(x))) + (long)(crc32(0, nullptr, 0)) + sizeof(NAME); }\n")
        for name, text in ("scaled", "return x * 100;"), ("less", "return x - 1;"), ("named", "return x + 1;"):
            self.write(f"{name}.cpp", f'extern "C" long {name}(long x) {{ {text} }}\n')
        make = lambda *args: subprocess.run(args, cwd=self.folder, check=True)
        make("g++", "-shared", "-fPIC", "scaled.cpp", "-o", "work/the team/libscaled.so")
        make("g++", "-shared", "-fPIC", "-Wl,-soname,libnamed.so", "named.cpp", "-o", "work/the team/libnamed.so")
        make("g++", "-c", "-fPIC", "less.cpp", "-o", "less.o")
        make("ar", "rc", "work/the team/libless.a", "less.o")
        self.write("work/own.gress", 'use "own.hpp" { fn cost }\ntype Row { n: i64 }\nsource rows: Row from stdin { format: json }\n'
                   "stream out = rows |> select { cost: cost(n) }\nsink out to stdout { format: json }\n")
        own = ["-I", "work/the team", "-D", 'NAME="a $b \'c\'"', "-l", "work/the team/libscaled.so", "-l", "work/the team/libnamed.so", "-l", "work/the team/libless.a", "-l", "z"]
        self.gressc("work/own.gress", "--docker", *own)
        root, config, container = self.built("work")
        self.assertIn("libnamed.so", self.objects(root))
        self.assertTrue(os.path.exists(os.path.join(root, "program/the team/libscaled.so")))  # it has no SONAME
        self.assertEqual(json.loads(self.enter(root, config, "--quiet", input='{"n":3}\n')), {"cost": 210})
        self.buildah("umount", container)


if __name__ == "__main__":
    unittest.main()
