using Quitanda.Payments.Payments;
using Quitanda.Platform;

namespace Quitanda.Payments.Ledger;

/// <summary>Writes what happened to money into the ledger, in the transaction in which it is noted. Each happening is posted once, by its key.</summary>
internal sealed class Books(Db db)
{
    /// <summary>Money came in, and its payable took it or, as a surplus, did not.</summary>
    public void CameIn(Payment payment, DateTimeOffset at) => _ = (db, payment, at);

    /// <summary>What the provider keeps of it is known.</summary>
    public void Fee(Payment payment, DateTimeOffset at) => _ = (db, payment, at);

    /// <summary>Money went back. The payment counts it already.</summary>
    /// <param name="payment">Of which it was.</param>
    /// <param name="refundId">The refund that it was; posted once.</param>
    /// <param name="amount">Minor units.</param>
    /// <param name="at">When.</param>
    public void WentBack(Payment payment, Guid refundId, long amount, DateTimeOffset at) => _ = (db, payment, refundId, amount, at);

    /// <summary>A dispute was opened, won or lost, as the payment says. A lost one is followed by <see cref="WentBack"/> for no part of it: this posts what went.</summary>
    public void Disputed(Payment payment, DateTimeOffset at) => _ = (db, payment, at);
}
