"""cinder makes encrypted volumes without qemu and without cryptsetup."""

import unittest

from alone import run_alone


class CinderEncryption(unittest.TestCase):
    def test_upstream_uses_these_names(self):
        printed = run_alone(
            """
            import inspect
            from cinder.image import image_utils
            from cinder.volume.flows.manager import create_volume
            print(*list(inspect.signature(image_utils.qemu_img_info).parameters)[:2])
            task = create_volume.CreateVolumeFromSpecTask
            source = inspect.getsource(task._create_from_image_cache_or_download)
            print("image_utils.qemu_img_info(tmp_image)" in source)
            print(*inspect.signature(task._rekey_volume).parameters)
            source = inspect.getsource(task._create_from_source_volume)
            print("model_update.update(rekey_model_update)" in source)
            """,
            "cinder",
        )
        self.assertEqual(printed, "path run_as_root\nTrue\nself context volume\nTrue")

    def test_a_copy_keeps_its_key(self):
        printed = run_alone(
            """
            from govstack_sandbox.patches import cinder_encryption
            cinder_encryption.apply()
            from cinder.volume.flows.manager import create_volume
            print(create_volume.CreateVolumeFromSpecTask._rekey_volume(None, None, None))
            """,
            "cinder",
        )
        self.assertEqual(printed, "{}")

    def test_the_size_is_that_of_the_file(self):
        printed = run_alone(
            """
            import tempfile
            from govstack_sandbox.patches import cinder_encryption
            cinder_encryption.apply()
            from cinder.image import image_utils
            with tempfile.NamedTemporaryFile() as file:
                file.write(bytes(4096))
                file.flush()
                found = image_utils.qemu_img_info(file.name, run_as_root=True)
            print(found.file_format, found.virtual_size, found.backing_file)
            """,
            "cinder",
        )
        self.assertEqual(printed, "raw 4096 None")


if __name__ == "__main__":
    unittest.main()
