package org.homeline.app

import org.homeline.KeyStoreInvalidated
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertThrows
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

@RunWith(RobolectricTestRunner::class)
class HardwareKeyStoreTest {
    private val keyStore = HardwareKeyStore()
    private val secret = ByteArray(32) { it.toByte() }

    @Before
    fun newPhone() = FakeAndroidKeyStore.installEmpty()

    @Test
    fun `what was wrapped comes back, and two wraps of one secret differ`() {
        val wrapped = keyStore.wrap(secret)
        assertArrayEquals(secret, keyStore.unwrap(wrapped))
        assertFalse(wrapped.contentEquals(keyStore.wrap(secret)))
    }

    @Test
    fun `a key that is gone, and a wrapped secret that was changed, are gone for good`() {
        val wrapped = keyStore.wrap(secret)
        val changed = wrapped.copyOf().also { it[20] = (it[20] + 1).toByte() }
        assertThrows(KeyStoreInvalidated::class.java) { keyStore.unwrap(changed) }
        FakeAndroidKeyStore.stored.clear()
        assertThrows(KeyStoreInvalidated::class.java) { keyStore.unwrap(wrapped) }
    }

    @Test
    fun `the counter rises, never falls, and leaves one name behind`() {
        assertEquals(0UL, keyStore.counter())
        keyStore.setCounter(7UL)
        keyStore.setCounter(10UL)
        keyStore.setCounter(9UL)
        assertEquals(10UL, keyStore.counter())
        assertEquals(10UL, HardwareKeyStore().counter())
        assertEquals(setOf("homeline.counter.10"), FakeAndroidKeyStore.stored.keys)
    }
}
